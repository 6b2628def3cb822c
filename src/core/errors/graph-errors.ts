/** Problems that `check` finds in a flow's graph. */
export const graphErrors = {};

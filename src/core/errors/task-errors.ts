/** What can go wrong inside a task. */
export const taskErrors = {};

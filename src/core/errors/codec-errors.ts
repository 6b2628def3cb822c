/** Values that cannot be stored, and bytes that cannot be read. */
export const codecErrors = {};

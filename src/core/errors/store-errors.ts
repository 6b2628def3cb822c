/** The datastore: reading and writing. */
export const storeErrors = {};

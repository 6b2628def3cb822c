declare const MILLRACE_VERSION: string;

/** This package's version, as package.json says it; the build and the test runner put it in. */
export const version: string = MILLRACE_VERSION;

/** What keeps a job from starting, in words for the person who reads its log. */
export class BootError extends Error {}

// What a metronome and the thread that it wakes share, in one SharedArrayBuffer: an Int32Array over all of it with the
// words below, and a BigInt64Array over it whose first element is the due time.
// @ts-check

/** Bytes of the shared memory. */
export const BYTES = 64;

/** Element of the BigInt64Array: when to wake, nanoseconds of process.hrtime, which all threads of a process share. */
export const DUE = 0;

/** Value of DUE while there is no appointment. */
export const NO_APPOINTMENT = 0n;

/** Word that counts wakes; who is to be woken waits for it to change. */
export const WAKES = 4;

/** Word that says whether the metronome would notice an appointment by itself. */
export const SLEEP = 5;

/** Value of SLEEP: it looks for an appointment soon. */
export const NAPPING = 0;

/** Value of SLEEP: it has to be woken to look. */
export const SLEEPING = 1;

/** Word that never changes, to nap on. */
export const STILL = 6;

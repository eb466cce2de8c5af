/** A count with its noun, in the sentences of the driver and its verdicts: one thread is not "1 threads". */

/** The singular or the plural of a noun, with its count: "1 thread", "0 threads", "2 replies" where `plural` is given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** The verb that goes with a count. */
export function were(count: number): 'was' | 'were' {
  return count === 1 ? 'was' : 'were';
}

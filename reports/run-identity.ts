/**
 * Which run a result is of. Ids are unique, but those of older versions were not (the runs of a sweep were "1", "2"), so
 * what was measured counts too. What may change without another measurement is left out: metrics that were read again, and
 * what follows from them, such as cost and validity.
 */
import { createHash } from 'node:crypto';
import type { RunResult } from '../bench/model/result.ts';

/** Equal for copies of one run, and for nothing else. The result must have its seconds. */
export function runIdentity(result: RunResult): string {
  const { id, startedAt, plan, environment, connections, messages, latency, intervals } = result;
  const measured = [startedAt, plan, environment, connections, messages, latency, intervals];
  return `${id} ${createHash('sha256').update(JSON.stringify(measured)).digest('hex')}`;
}

/** A fleet for golden texts, of whose workers no two figures are equal. */
import type { FleetFacts, WorkerFacts } from '../../bench/model/fleet-facts.ts';
import { Distinct } from './distinct.ts';
import { clock } from './experiment-parts.ts';

function workerOf(index: number, digits: Distinct): WorkerFacts {
  const times = (magnitude: number) => {
    const [p50 = 0, p99 = 0, max = 0] = digits.rising(3, magnitude);
    return { count: Math.round(digits.next(1000)), p50, p99, max };
  };
  const count = (magnitude: number) => Math.round(digits.next(magnitude));
  return {
    ...{ index, host: `node-${index}`, cpus: `${index + 2} × made up` },
    connections: { requested: 1595, opened: 1594 - index, failed: index + 1, closedEarly: 10 + index },
    messages: {
      ...{ scheduled: count(1000), sent: count(1000), delivered: count(1000) },
      ...{ lost: count(10), reordered: count(10), duplicated: count(10) },
    },
    ...{ response: times(index === 2 ? 900 : 100), sendLag: times(1), latenessMs: index === 3 ? 2873 : 0 },
    clock: index === 4 ? null : { lowMs: -digits.next(1), highMs: digits.next(1), probes: 5 + index },
    ...{ utilizationMean: digits.next(0.05), loopDelayMaxMs: digits.next(10), gcMaxMs: digits.next(1) },
    interruption: index === 5 ? 'it was interrupted' : null,
  };
}

/** Eight workers of whom two are missing; one is slow, one late, one was cut. */
export function distinctFleet(): FleetFacts {
  const digits = new Distinct();
  return {
    ...{ schema: 1, kind: 'fleet', runId: '0123456789abcdef', planHash: 'f'.repeat(64), of: 8 },
    ...{ startAt: clock(3), missing: [6, 7], clockSpreadMs: 11.7, clocksApartMs: 2.3 },
    missingShare: { connections: 3189, connectionsOfAll: 12_757, messages: 5863, messagesOfAll: 23_431 },
    programs: ['0.1.0, commit 2019bec4a1f0, Node v20.19.1'],
    rejected: [
      { name: 'worker-00002-other.json.gz', verdict: 'conflict', reason: 'worker 2 reported before' },
    ],
    workers: [0, 1, 2, 3, 4, 5].map((index) => workerOf(index, digits)),
    engine: { name: 'slurm', job: '4711' },
  };
}

/** A worker's figures for comparison with its siblings, from its partial. */

import type { WorkerFacts } from '../../model/fleet-facts.ts';
import type { SparseHistogram } from '../histogram.ts';
import { type AnyHistogram, HistogramSum } from '../histogram-sum.ts';
import { sum } from '../rollup.ts';
import type { Counts, Second, Series } from '../second.ts';
import type { FleetPartial } from './partial.ts';
import { connectionsOf } from './worker-share.ts';
import { timesOf } from './worker-times.ts';

/** The worker, by its own account, of which `counts` are the sums. `connections` is the whole plan's. */
export function workerFacts(
  partial: FleetPartial<AnyHistogram>,
  { measured, closedEarly }: Readonly<Counts>,
  connections: number,
): WorkerFacts {
  const { identity, environment, host, clock, times, run, part } = partial;
  const { scheduled, sent, delivered, lost, reordered, duplicated } = measured;
  const { opened, failed } = part.opening;
  const { seconds, utilizationSum, loopDelayMaxMs, gcMaxMs } = part.health;
  return {
    index: identity.index,
    host,
    cpus: environment.cpus,
    connections: {
      requested: connectionsOf(connections, identity),
      opened,
      failed,
      closedEarly: sum(closedEarly),
    },
    messages: { scheduled, sent, delivered, lost, reordered, duplicated },
    response: timesOf(totalOf(part.seconds, 'response')),
    sendLag: timesOf(totalOf(part.seconds, 'sendLag')),
    latenessMs: times.latenessMs,
    clock,
    utilizationMean: seconds === 0 ? null : utilizationSum / seconds,
    loopDelayMaxMs,
    gcMaxMs,
    interruption: run.interruption,
  };
}

function totalOf(seconds: readonly Second<AnyHistogram>[], series: Series): SparseHistogram | null {
  for (const { histograms } of seconds) {
    const histogram = histograms[series];
    if (histogram !== undefined) TOTAL.add(histogram);
  }
  return TOTAL.drain();
}

/** Used again for every worker: it is large, and there may be a thousand of them. */
const TOTAL = new HistogramSum();

/** A worker's figures for comparison with its siblings, from its partial. */

import type { WorkerFacts } from '../../model/fleet-facts.ts';
import type { SparseHistogram } from '../histogram.ts';
import type { Series } from '../share.ts';
import { addTally, emptyTally } from '../tally.ts';
import { type AnyHistogram, HistogramSum } from './histogram-sum.ts';
import type { FleetPartial } from './partial.ts';
import type { SecondPart } from './share-sum.ts';
import { connectionsOf } from './worker-share.ts';
import { timesOf } from './worker-times.ts';

/** The worker, by its own account. `connections` is the whole plan's. */
export function workerFacts(partial: FleetPartial<AnyHistogram>, connections: number): WorkerFacts {
  const { identity, environment, host, clock, times, run, part } = partial;
  const measured = emptyTally();
  let closedEarly = 0;
  for (const second of part.seconds) {
    addTally(measured, second.measured);
    for (const code in second.closedEarly) closedEarly += second.closedEarly[code] ?? 0;
  }
  const { scheduled, sent, delivered, lost, reordered, duplicated } = measured;
  const { opened, failed } = part.opening;
  const { seconds, utilizationSum, loopDelayMaxMs, gcMaxMs } = part.health;
  return {
    index: identity.index,
    host,
    cpus: environment.cpus,
    connections: { requested: connectionsOf(connections, identity), opened, failed, closedEarly },
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

function totalOf(seconds: readonly SecondPart<AnyHistogram>[], series: Series): SparseHistogram | null {
  TOTAL.clear();
  for (const { histograms } of seconds) {
    const histogram = histograms[series];
    if (histogram !== undefined) TOTAL.add(histogram);
  }
  return TOTAL.toSparse();
}

/** Used again for every worker: it is large, and there may be a thousand of them. */
const TOTAL = new HistogramSum();

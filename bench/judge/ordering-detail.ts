/** From the sums of a run to what its result says of order, duplication and loss beyond plain ratios. Pure. */
import { type Histogram, quantilesOf } from '../measure/histogram.ts';
import type { OrderSum } from '../measure/ordering-report.ts';
import { type Rollup, sum } from '../measure/rollup.ts';
import type { OrderingDetail, StreamOrder, ViolationRate } from '../model/result.ts';
import { upperBound95 } from './ordering-bound.ts';

/** Degrees of n-reordering that are counted; RFC 4737 cares for 3, TCP's threshold of duplicate acknowledgements. */
const MAX_DEGREE = 16;

/** Streams that are told of: what a table can show. */
const WORST_STREAMS = 20;

/** Kinds of unexpected arrivals that violate what a stage owes its clients: integrity, and to every client its own. */
const VIOLATING_KINDS = ['corrupt', 'otherStream', 'otherRun', 'unsent'] as const;

/** The details of a run that waited `drainMs` for what was outstanding at its end. */
export function orderingDetailOf(rollup: Rollup, drainMs: number): OrderingDetail {
  const { histograms, order } = rollup;
  return {
    rates: ratesOf(rollup),
    nReordering: quantilesOf(histograms.nReordering, 1),
    nReordered: nReordered(histograms.nReordering),
    runs: quantilesOf(histograms.runs, 1),
    gaps: quantilesOf(histograms.gaps, 1),
    waitingMs: Math.min(drainMs, order.shortestWaitMs),
    streams: streamsOf(rollup),
    shards: [...order.shards]
      .map(([shard, counts]) => ({ shard, ...counts }))
      .sort((one, other) => (one.shard < other.shard ? -1 : 1)),
  };
}

function ratesOf({ measured, arrivals, unexpected }: Rollup): OrderingDetail['rates'] {
  const kinds = VIOLATING_KINDS.map((kind) => [kind, rateOf(unexpected.measured[kind], arrivals.measured)]);
  return {
    reordered: rateOf(measured.reordered, measured.delivered),
    duplicated: rateOf(measured.duplicated, measured.delivered),
    lost: rateOf(measured.lost, measured.sent),
    ...(Object.fromEntries(kinds) as Record<string, ViolationRate>),
  };
}

function rateOf(count: number | undefined, of: number): ViolationRate {
  return { count: count ?? 0, of, upper95: upperBound95(count ?? 0, of) };
}

/** Buckets of so small values are one value wide, so the counts are exact. */
function nReordered(degrees: Histogram): number[] {
  let left = degrees.totalCount;
  return Array.from({ length: MAX_DEGREE }, (_, degree) => {
    left -= degrees.getCountAtIndex(degrees.countsArrayIndex(degree));
    return left;
  });
}

function streamsOf({ order, connections }: Rollup): OrderingDetail['streams'] {
  const unranked = order.affected - order.streams.size;
  return {
    affected: order.affected,
    of: connections.opened + connections.reconnects + connections.reopened,
    worst: worstOf(order),
    ...(unranked > 0 ? { unranked } : {}),
  };
}

function worstOf({ streams }: OrderSum): StreamOrder[] {
  const violations = (stream: StreamOrder) => sum({ ...stream, stream: 0, delivered: 0 });
  return [...streams]
    .map(([stream, counts]) => ({ stream, ...counts }))
    .sort((one, other) => violations(other) - violations(one) || one.stream - other.stream)
    .slice(0, WORST_STREAMS);
}

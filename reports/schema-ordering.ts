/** The schema of what a result says of order, duplication and loss beyond plain ratios. */
import { z } from 'zod';
import { amount, count, maybe, quantiles, text } from '../bench/core/saved.ts';

export const orderingDetail = z.looseObject({
  rates: z.record(text, z.looseObject({ count, of: count, upper95: maybe })),
  nReordering: quantiles,
  nReordered: z.array(count),
  runs: quantiles,
  gaps: quantiles,
  waitingMs: amount,
  streams: z.looseObject({
    affected: count,
    of: count,
    unranked: count.exactOptional(),
    worst: z.array(
      z.looseObject({
        stream: count,
        delivered: count,
        reordered: count,
        duplicated: count,
        lost: count,
        unexpected: count,
      }),
    ),
  }),
  shards: z.array(z.looseObject({ shard: text, delivered: count, reordered: count, duplicated: count })),
});

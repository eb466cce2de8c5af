/** The schema of what became of a fault. */
import { z } from 'zod';
import { FAULT } from '../bench/core/fault.ts';
import { amount, count, maybe } from '../bench/core/saved.ts';

export const faultOutcome = z.looseObject({
  fault: FAULT,
  fromMs: maybe,
  untilMs: maybe,
  tally: z
    .looseObject({
      touched: count,
      lost: count.nullable(),
      duplicated: count.nullable(),
      reordered: count.nullable(),
    })
    .nullable(),
  recovery: z
    .looseObject({
      backlogMs: maybe,
      p99Ms: maybe,
      p99BeforeMs: amount,
      percentile: z.enum(['p90', 'p50']).exactOptional(),
    })
    .nullable(),
});

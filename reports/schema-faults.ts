/** The schema of a fault plan, and of what became of it. */
import { z } from 'zod';
import { FAULT_ACTIONS, type FaultAction, type FaultSite } from '../bench/core/fault.ts';
import { amount, count, maybe, text } from './schema-parts.ts';

const fault = z.looseObject({
  name: text,
  where: z.enum(Object.keys(FAULT_ACTIONS) as [FaultSite, ...FaultSite[]]),
  do: z.enum(Object.values(FAULT_ACTIONS).flat() as [FaultAction, ...FaultAction[]]),
  atMs: amount,
  forMs: maybe,
  ratio: amount,
  ratePerSecond: maybe,
  delayMs: amount,
  functionId: text.nullable(),
  shard: count.nullable(),
  when: z.enum(['before', 'after']),
  status: count,
});

export const faultPlan = z.looseObject({ faults: z.array(fault) });

export const faultOutcome = z.looseObject({
  fault,
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

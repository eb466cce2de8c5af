/** Reads fleet.json, which a merged run has beside its result: checked field by field, like everything that is read. */
import { z } from 'zod';
import type { FleetFacts } from '../../bench/core/fleet/facts.ts';

const count = z.number().int().nonnegative();
const maybe = z.number().nullable();
const times = z.looseObject({ count, p50: maybe, p99: maybe, max: maybe });

const FLEET = z.looseObject({
  schema: z.literal(1),
  kind: z.literal('fleet'),
  runId: z.string(),
  planHash: z.string(),
  of: count,
  startAt: z.string(),
  missing: z.array(count),
  missingShare: z
    .looseObject({ connections: count, connectionsOfAll: count, messages: maybe, messagesOfAll: maybe })
    .nullable(),
  clockSpreadMs: maybe,
  clocksApartMs: z.number().optional(),
  programs: z.array(z.string()).optional(),
  rejected: z.array(z.looseObject({ name: z.string(), verdict: z.string(), reason: z.string() })),
  workers: z.array(
    z.looseObject({
      index: count,
      host: z.string(),
      cpus: z.string(),
      connections: z.looseObject({ requested: count, opened: count, failed: count, closedEarly: count }),
      messages: z.looseObject({ scheduled: count, sent: count, delivered: count, lost: count }),
      response: times,
      sendLag: times,
      latenessMs: z.number(),
      clock: z.looseObject({ lowMs: z.number(), highMs: z.number() }).nullable(),
      utilizationMean: maybe,
      loopDelayMaxMs: z.number(),
      interruption: z.string().nullable(),
    }),
  ),
  engine: z.looseObject({ name: z.string(), job: z.string() }).optional(),
  cost: z
    .looseObject({
      ...{ currency: z.literal('USD'), total: z.number(), machine: z.string(), workers: count },
      ...{ lifeMs: z.number(), pricesAsOf: z.string(), pricesRegion: z.string().optional() },
      items: z.array(
        z.looseObject({ label: z.string(), quantity: z.number(), unit: z.string(), cost: z.number() }),
      ),
    })
    .optional(),
});

/** The facts, or why they can't be read, as a clause. */
export function parseFleet(json: string): FleetFacts | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'it is no JSON';
  }
  const parsed = FLEET.safeParse(value);
  if (parsed.success) return parsed.data as unknown as FleetFacts;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.')}: ${issue?.message}`;
}

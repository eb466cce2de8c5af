/**
 * The schema of result.json, version 1, as zod. It is checked wherever a result is read back, because a run directory
 * may come from another machine, another version or an editor. Unknown fields are kept (version 1 only ever grows);
 * unknown versions are refused by number, so that an old tool never misreads a new result.
 */
import { z } from 'zod';
import { PLAN_SCHEMA } from '../bench/core/plan.ts';
import type { RunResult } from '../bench/core/result.ts';
import {
  amount,
  count,
  countsByName,
  instant,
  maybe,
  quantiles,
  text,
  texts,
  verdict,
} from '../bench/core/saved.ts';
import { parseData } from './saved-data.ts';
import { faultOutcome } from './schema-faults.ts';
import { orderingDetail } from './schema-ordering.ts';

const calibration = z.looseObject({
  transport: z.enum(['tcp', 'tls']).exactOptional(),
  pacing: z.enum(['timer', 'metronome', 'spin']),
  timerLagP50Ms: amount,
  timerLagP99Ms: amount,
  loopFloorMs: z.looseObject({ p50: amount, p99: amount }),
  ceilingPerSecond: amount,
  cores: count.exactOptional(),
  takenMs: amount,
});

const driver = z.looseObject({
  seconds: count,
  utilizationMean: amount,
  utilizationMax: amount,
  loopDelayP99Ms: amount,
  loopDelayMaxMs: amount,
  gcCount: count,
  gcMs: amount,
  gcMaxMs: amount,
  backlogMaxBytes: amount,
  cpuCoresMax: amount,
  stealShare: maybe,
});

const messageCounts = z.looseObject({
  scheduled: count,
  sent: count,
  refused: count,
  indeterminate: count,
  delivered: count,
  lost: count,
  duplicated: count,
  reordered: count,
  unexpected: countsByName,
});

const interval = z.looseObject({
  second: z.int(),
  scheduled: count,
  sent: count,
  delivered: count,
  reordered: count,
  duplicated: count,
  unexpected: count,
  lost: count.exactOptional(),
  refused: count,
  connections: count,
  p50: maybe,
  p90: maybe,
  p99: maybe,
  max: maybe,
  serviceP50: maybe,
  serviceP99: maybe,
});

const series = z
  .looseObject({
    id: text,
    label: text,
    unit: text,
    stat: text,
    timestamps: z.array(amount),
    values: z.array(amount),
  })
  .refine((s) => s.timestamps.length === s.values.length, 'timestamps and values differ in number');

const parts = z.array(z.looseObject({ logicalId: text, name: text }));

const pipeline = z.looseObject({
  api: z.looseObject({ apiId: text, stageName: text }).nullable(),
  streams: parts,
  consumers: z.array(z.looseObject({ logicalId: text, name: text, streamName: text })),
  functions: parts,
  mappings: parts,
});

const health = z.looseObject({
  seconds: amount,
  utilizationMean: amount,
  utilizationMax: amount,
  loopDelayP99Ms: amount,
  loopDelayMaxMs: amount,
  machineBusyMean: amount.nullable(),
  saturatedSeconds: amount,
});

const between = z.looseObject({ atLeast: count, atMost: count });

/** The whole of result.json. */
export const runResult = z.looseObject({
  schema: z.literal(1),
  id: text,
  name: text,
  startedAt: instant,
  endedAt: instant,
  measuredFrom: instant,
  partial: z.boolean(),
  plan: PLAN_SCHEMA,
  environment: z.looseObject({
    node: text,
    os: text,
    cpus: text,
    version: text,
    commit: text.nullable(),
    threads: count,
    seed: amount,
    calibration: calibration.exactOptional(),
  }),
  driver: driver.exactOptional(),
  stage: z.looseObject({
    kind: z.enum(['local', 'aws', 'url']),
    url: text,
    name: text,
    region: text.nullable(),
    parameters: texts,
    profile: text.nullable(),
    notes: z.array(text),
    stackId: text.exactOptional(),
    pipeline: pipeline.exactOptional(),
  }),
  connections: z.looseObject({
    requested: count,
    opened: count,
    failed: count,
    closedEarly: count,
    attempts: count.exactOptional(),
    failedAttempts: count.exactOptional(),
    throttled: count.exactOptional(),
    reconnects: count.default(0),
    churned: count.default(0),
    reopened: count.default(0),
    churnMissed: count.default(0),
    refusedInChurn: count.default(0),
    failures: countsByName,
    details: z.record(z.string(), z.string()).exactOptional(),
    connect: quantiles,
  }),
  messages: messageCounts.extend({ warmup: messageCounts }),
  throughput: z.looseObject({
    offeredPerSecond: amount,
    sentPerSecond: amount,
    deliveredPerSecond: amount,
  }),
  latency: z.looseObject({
    response: quantiles,
    service: quantiles,
    sendLag: quantiles,
    hops: z
      .looseObject({
        ingest: quantiles,
        queue: quantiles,
        process: quantiles,
        deliver: quantiles,
        negative: count,
        offsetBoundMs: amount.nullable(),
        shares: z
          .looseObject({ ingest: amount, queue: amount, process: amount, deliver: amount })
          .exactOptional(),
        sum: z
          .looseObject({
            samples: count,
            hopsMeanMs: amount,
            serviceMeanMs: amount,
            differenceMs: amount,
            toleranceMs: amount,
          })
          .exactOptional(),
      })
      .nullable(),
  }),
  ordering: z.looseObject({
    reorderedRatio: amount,
    extent: quantiles,
    lateTime: quantiles,
    duplicatedRatio: amount,
    lossRatio: amount,
    upperBound95: maybe,
    where: z.looseObject({ ingest: count, delivery: count, unknown: count }),
    detail: orderingDetail.exactOptional(),
  }),
  faults: z.array(faultOutcome).exactOptional(),
  intervals: z.array(interval),
  metrics: z
    .looseObject({
      source: z.enum(['cloudwatch', 'local']),
      periodMs: z.number().positive(),
      incomingRecords: maybe,
      complete: z.boolean(),
      series: z.array(series),
      health: health.exactOptional(),
      window: z.looseObject({ startEpochMs: amount, endEpochMs: amount }).exactOptional(),
      problems: z.array(text).exactOptional(),
    })
    .nullable(),
  traffic: z
    .looseObject({
      startEpochMs: amount,
      endEpochMs: amount,
      expectedRecords: count,
      probes: z.looseObject({ sent: count, unanswered: count }).exactOptional(),
    })
    .exactOptional(),
  losses: z.looseObject({ lost: count, refused: between, throttled: between }).exactOptional(),
  cost: z
    .looseObject({
      currency: z.literal('USD'),
      total: amount,
      items: z.array(z.looseObject({ label: text, quantity: amount, unit: text, cost: amount })),
      pricesAsOf: text,
      pricesRegion: text.exactOptional(),
      basis: z.enum(['billed', 'as on AWS']).exactOptional(),
      perMonth: amount.exactOptional(),
      perMillionRoundTrips: maybe.exactOptional(),
      notes: z.array(text).exactOptional(),
    })
    .nullable(),
  validity: z.looseObject({
    verdict,
    checks: z.array(z.looseObject({ name: text, verdict, evidence: text })),
  }),
  thresholds: z.array(z.looseObject({ expression: text, value: maybe, ok: z.boolean() })),
  warnings: z.array(z.looseObject({ code: text, text, advice: text })),
});

/**
 * Parses the text of a result.json.
 * @throws UnreadableResult for truncated or broken JSON, another program's file, another schema version, wrong fields
 */
export function parseResult(json: string): RunResult {
  return parseData(runResult, json, 'the result of a run');
}

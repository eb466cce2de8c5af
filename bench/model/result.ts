/**
 * RunResult: what a run measured, as plain versioned data. It is the only thing reports, comparisons and other
 * people's scripts read. Times are milliseconds unless a name says otherwise. Changes are additions, or the schema
 * number moves. The schemas are the declaration; the types are inferred from them.
 */
import { z } from 'zod';
import { FAULT, FAULT_TALLY } from './fault.ts';
import { PACINGS, PLAN } from './plan.ts';
import { amount, count, countsByName, instant, maybe, saved, text, texts } from './saved.ts';

/** Summary of a distribution. A percentile with fewer than 10 samples beyond it is null; so is everything at count 0. */
const QUANTILES = saved({
  count: count,
  min: maybe,
  mean: maybe,
  p50: maybe,
  p90: maybe,
  p95: maybe,
  p99: maybe,
  p999: maybe,
  max: maybe,
});
export type Quantiles = Readonly<z.output<typeof QUANTILES>>;

/** Verdicts, worst last. */
const VALIDITY_VERDICT = z.enum(['valid', 'unknown', 'invalid']);
export type ValidityVerdict = Readonly<z.output<typeof VALIDITY_VERDICT>>;

const VALIDITY_CHECK = saved({
  name: text,
  verdict: VALIDITY_VERDICT,
  /** One sentence with the figures that led to the verdict. */
  evidence: text,
});
export type ValidityCheck = Readonly<z.output<typeof VALIDITY_CHECK>>;

/** A part of a stack: its name in the template, and the name its metrics go by. */
const PIPELINE_PART = saved({
  logicalId: text,
  name: text,
});
export type PipelinePart = Readonly<z.output<typeof PIPELINE_PART>>;

/**
 * The parts of a deployed pipeline, by the names that are the dimensions of their metrics. The first stream, consumer and
 * function are the ones whose series have plain names.
 */
const STAGE_PIPELINE = saved({
  api: saved({
    apiId: text,
    stageName: text,
  }).nullable(),
  streams: z.array(PIPELINE_PART).readonly(),
  consumers: z
    .array(
      PIPELINE_PART.extend({
        streamName: text,
      }),
    )
    .readonly(),
  functions: z.array(PIPELINE_PART).readonly(),
  /** `name` is the mapping's UUID. */
  mappings: z.array(PIPELINE_PART).readonly(),
});
export type StagePipeline = Readonly<z.output<typeof STAGE_PIPELINE>>;

export const STAGE_FACTS = saved({
  kind: z.enum(['local', 'aws', 'url']),
  url: text,
  name: text,
  region: text.nullable(),
  parameters: texts,
  profile: text.nullable(),
  /** Facts a reader must know to judge the figures, such as what the profile models. One sentence each. */
  notes: z.array(text).readonly(),
  /** ARN of a stage that is a stack: it names account and region, and no later stack has it. */
  stackId: text.exactOptional(),
  /** What a stage given by the name of its stack consists of; its metrics can be read again later, even after teardown. */
  pipeline: STAGE_PIPELINE.exactOptional(),
});
export type StageFacts = Readonly<z.output<typeof STAGE_FACTS>>;

const METRIC_SERIES = saved({
  /** Camel-case, unique; what a threshold names: `metrics.iteratorAge.max`. */
  id: text,
  label: text,
  unit: text,
  /** CloudWatch statistic: Sum, Average, Minimum, Maximum, SampleCount or pNN. */
  stat: text,
  /** Start of each period, UTC milliseconds. */
  timestamps: z.array(amount).readonly(),
  values: z.array(amount).readonly(),
}).refine(
  ({ timestamps, values }) => timestamps.length === values.length,
  'timestamps and values differ in number',
);
export type MetricSeries = Readonly<z.output<typeof METRIC_SERIES>>;

/** How busy the local stage was in a window, by its own instruments. Shares are 0 to 1. */
const STAGE_HEALTH = saved({
  /** Seconds of the window that were watched. */
  seconds: amount,
  /** Share of the time in which the stage's event loop was at work. */
  utilizationMean: amount,
  /** The same in the busiest second. */
  utilizationMax: amount,
  /** How late the loop ran a timer, in the worst second: 99th percentile, and longest. */
  loopDelayP99Ms: amount,
  loopDelayMaxMs: amount,
  /** Share of all processors' time in use, by whomever; null where it can't be read. */
  machineBusyMean: maybe,
  /** Seconds in spells during which the stage or its machine had nothing left to give: see stack/local/health.ts. */
  saturatedSeconds: amount,
});
export type StageHealth = Readonly<z.output<typeof STAGE_HEALTH>>;

const STAGE_METRICS = saved({
  source: z.enum(['cloudwatch', 'local']),
  /** Length of a period. CloudWatch publishes minutes; the local stage counts seconds. */
  periodMs: z.number().positive(),
  /** Records the stream accepted in the whole window, for the completeness check; null when not known. */
  incomingRecords: maybe,
  series: z.array(METRIC_SERIES).readonly(),
  /** Of a local stage; left out where nothing was watched. */
  health: STAGE_HEALTH.exactOptional(),
  /** The whole periods that were asked for, where that is more than the run: they hold what happened around it too. */
  window: saved({
    startEpochMs: amount,
    endEpochMs: amount,
  }).exactOptional(),
  /** What kept the reading from being whole, one sentence each. Left out when nothing did. */
  problems: z.array(text).readonly().exactOptional(),
});
export type StageMetrics = Readonly<z.output<typeof STAGE_METRICS>>;

/** What a run sent to its stage from the first probe to the end of the drain: what a later reading of metrics is held against. */
const RUN_TRAFFIC = saved({
  /** UTC milliseconds. */
  startEpochMs: amount,
  endEpochMs: amount,
  /** Records the streams must have accepted of it: probes and warm-up included, messages the gateway refused not. */
  expectedRecords: count,
  /** Messages among them that were sent to see whether the stage is ready. Left out of results that are older than it. */
  probes: saved({
    sent: count,
    unanswered: count,
    /** Dials that a quota of new connections refused, and that were made again; left out where there were none. */
    throttled: count.exactOptional(),
  }).exactOptional(),
});
export type RunTraffic = Readonly<z.output<typeof RUN_TRAFFIC>>;

/** A count that is known to lie between two, both included. */
const BETWEEN = saved({
  atLeast: count,
  atMost: count,
});

/** What the stage's metrics say of the lost messages: see losses.ts. */
const LOST_MESSAGES = saved({
  /** As in the counts of messages. */
  lost: count,
  /** Of these, messages that the gateway could not hand to the stream (IntegrationError). */
  refused: BETWEEN,
  /** Of these, the ones that were over a shard's write limit (WriteProvisionedThroughputExceeded). */
  throttled: BETWEEN,
});
export type LostMessages = Readonly<z.output<typeof LOST_MESSAGES>>;

/** Counts of measured messages that are kept by the second too, under the names that they have in `messages`. */
export const INTERVAL_COUNTS = {
  /** Sent in this second. */
  sent: count,
  /** First arrivals in this second, and below: what arrived in this second. */
  delivered: count,
  reordered: count,
  duplicated: count,
  refused: count,
};

/** One second of the measured window and its drain. `second` counts from the start of measurement. */
const INTERVAL = saved({
  second: z.int(),
  /** Due in this second. */
  scheduled: count,
  ...INTERVAL_COUNTS,
  unexpected: count,
  /** Of those due in this second: lost. Left out of results that are older than it. */
  lost: count.exactOptional(),
  /** Connections open at the end of the second. */
  connections: count,
  /** Response time of the second's deliveries. */
  p50: maybe,
  p90: maybe,
  p99: maybe,
  max: maybe,
  /** Service time of the second's deliveries. */
  serviceP50: maybe,
  serviceP99: maybe,
});
export type Interval = Readonly<z.output<typeof INTERVAL>>;

/** Counts of attempts and arrivals; both partitions hold: see ledger.ts. */
const MESSAGE_COUNTS = saved({
  scheduled: count,
  sent: count,
  refused: count,
  indeterminate: count,
  delivered: count,
  lost: count,
  duplicated: count,
  reordered: count,
  unexpected: z.record(text, count),
});
export type MessageCounts = Readonly<z.output<typeof MESSAGE_COUNTS>>;

const HOP_BUDGET = saved({
  /** Actual send to arrival in the stream. Crosses clocks. */
  ingest: QUANTILES,
  /** Arrival in the stream to function start. Crosses clocks. */
  queue: QUANTILES,
  /** Function start to the post of the answer: one clock. */
  process: QUANTILES,
  /** Post of the answer to arrival at the driver. Crosses clocks. */
  deliver: QUANTILES,
  /** Samples whose hop came out below zero, which only clock offset can cause: counted, kept out of the histograms. */
  negative: count,
  /**
   * How far the stage's clock can have been from the driver's, milliseconds: neither the fastest ingest nor the fastest
   * delivery can have taken less than nothing, so an offset beyond them is impossible. Null when hops came out negative.
   */
  offsetBoundMs: maybe,
  /**
   * Mean time of each hop as a share of the sum of the four means: means add, percentiles do not. Of the messages of `sum`.
   * Offsets between clocks move time from one share to another; only the process hop is of one clock. Left out when no
   * message had four hops of which none came out below zero.
   */
  shares: saved({
    ingest: amount,
    queue: amount,
    process: amount,
    deliver: amount,
  }).exactOptional(),
  /**
   * The check that the hops are the whole way: the sum of the four mean hops against the mean service time of the same
   * messages, those none of whose hops came out below zero. Clock offsets, and the rounding of the stage's stamps to whole
   * milliseconds, cancel in the sum. `differenceMs` beyond `toleranceMs`, which is the resolution of what does not cancel,
   * means that a hop is missing or counted twice.
   */
  sum: saved({
    samples: count,
    hopsMeanMs: amount,
    serviceMeanMs: amount,
    differenceMs: amount,
    toleranceMs: amount,
  }).exactOptional(),
});
export type HopBudget = Readonly<z.output<typeof HOP_BUDGET>>;

/** Violations of one kind: how many, of how many that could have been, and how rare they may still be. */
const VIOLATION_RATE = saved({
  count: count,
  /** What could have been one: delivered messages for reordered and duplicated, sent ones for lost, else all arrivals. */
  of: count,
  /** One-sided 95 % upper bound of the ratio, by Clopper and Pearson: with none seen, just below 3/n. Null when `of` is 0. */
  upper95: maybe,
});
export type ViolationRate = Readonly<z.output<typeof VIOLATION_RATE>>;

/** What happened on one stream, in measured messages. `unexpected` are arrivals of every unexpected kind. */
const STREAM_ORDER = saved({
  stream: count,
  /** 0 when the worker died before it could say. */
  delivered: count,
  reordered: count,
  duplicated: count,
  lost: count,
  unexpected: count,
});
export type StreamOrder = Readonly<z.output<typeof STREAM_ORDER>>;

/**
 * The parts of the RFCs on order, duplication and loss beyond plain ratios. Order is that of first arrivals; warm-up
 * messages are among them, but only what happened to measured ones is counted.
 */
const ORDERING_DETAIL = saved({
  /** By kind: reordered, duplicated, lost, and the kinds of unexpected arrivals that are violations (corrupt, otherStream, otherRun, unsent). */
  rates: z.record(text, VIOLATION_RATE),
  /**
   * RFC 4737 section 5: a reordered message's n: how many arrivals right before it had higher numbers. It can be 0, when
   * the message right before it was overtaken too.
   */
  nReordering: QUANTILES,
  /** By n, how many reordered messages are n-reordered to at least that degree; for n = 1, 2, 3 … up to a stated limit. */
  nReordered: z.array(count).readonly(),
  /**
   * RFC 4737 section 4.6: arrivals in order before a reordered one, back to the reordered one before it or to the start of
   * the stream; 0 when two reordered ones follow each other. The run under way when a stream ends is not counted.
   */
  runs: QUANTILES,
  /**
   * RFC 4737 section 4.5: arrivals from one reordering discontinuity of a stream – the arrival that jumped over messages
   * of which at least one came after it – to the next.
   */
  gaps: QUANTILES,
  /**
   * RFC 7680's waiting time: how long a message was waited for at the least before it counted as lost, milliseconds. That
   * is the drain, or less when a stream had so many messages outstanding that the oldest was given up sooner.
   */
  waitingMs: amount,
  /** Streams with any violation, of all that were opened, and of those the 20 with most, worst first. */
  streams: saved({
    affected: count,
    of: count,
    worst: z.array(STREAM_ORDER).readonly(),
    /** Affected streams beyond the 100,000 that are kept apart, and so not among the candidates. Left out when 0. */
    unranked: count.exactOptional(),
  }),
  /** By shard, known only for traced messages. Shards beyond the first 1,000 are summed as `others`. */
  shards: z
    .array(
      saved({
        shard: text,
        delivered: count,
        reordered: count,
        duplicated: count,
      }),
    )
    .readonly(),
});
export type OrderingDetail = Readonly<z.output<typeof ORDERING_DETAIL>>;

/** Times since the end of a fault, milliseconds, in steps of a second; null when it had not happened by the end of the run. */
const FAULT_RECOVERY = saved({
  /** Until no more messages were outstanding than before the fault. */
  backlogMs: maybe,
  /** Until the p99 of a second was within 10 % of that before the fault, and stayed there for three seconds. */
  p99Ms: maybe,
  p99BeforeMs: amount,
  /** What stands in for the p99 where a second before the fault had fewer than the 1,000 arrivals that a p99 takes. */
  percentile: z.enum(['p90', 'p50']).exactOptional(),
});
export type FaultRecovery = Readonly<z.output<typeof FAULT_RECOVERY>>;

/** A fault that was part of the run, and what became of it. */
const FAULT_OUTCOME = saved({
  fault: FAULT,
  /** Since the start of measurement; null when the run ended before the fault began. */
  fromMs: maybe,
  /** Null when it lasted to the end of the run. */
  untilMs: maybe,
  /** By the injector's own count; null where nobody counted. */
  tally: FAULT_TALLY.nullable(),
  /** How long after its end the pipeline was as before; null when it did not end, or too little was measured before or after. */
  recovery: FAULT_RECOVERY.nullable(),
});
export type FaultOutcome = Readonly<z.output<typeof FAULT_OUTCOME>>;

/** What carries messages between driver and stage. */
const TRANSPORT = z.enum(['tcp', 'tls']);
export type Transport = Readonly<z.output<typeof TRANSPORT>>;

/** What the driver can do on its machine, measured against a bare echo server just before the run. */
const CALIBRATION = saved({
  /** As the stage is reached. Left out of results that are older than it, which were calibrated over TCP. */
  transport: TRANSPORT.exactOptional(),
  /** What woke the sender: the plan's choice, or a timer where that was not to be had. */
  pacing: z.enum(PACINGS),
  /** How late an idle sender sends. */
  timerLagP50Ms: amount,
  timerLagP99Ms: amount,
  /** Service time of one message at a time: what driver, loopback and a bare echo take, the floor of every service time. */
  loopFloorMs: saved({
    p50: amount,
    p99: amount,
  }),
  /** Messages of the plan's size that one thread of the driver sends and accounts for in a second when it does nothing else. */
  ceilingPerSecond: amount,
  /** Processors that threads can have; left out of results that are older than it. */
  cores: count.exactOptional(),
  takenMs: amount,
});
export type Calibration = Readonly<z.output<typeof CALIBRATION>>;

/** How the driver itself fared while it measured. Shares are 0 to 1. */
const DRIVER_HEALTH = saved({
  /** Worker-seconds watched. */
  seconds: count,
  utilizationMean: amount,
  utilizationMax: amount,
  loopDelayP99Ms: amount,
  loopDelayMaxMs: amount,
  gcCount: count,
  gcMs: amount,
  gcMaxMs: amount,
  /** Most bytes that a worker's sockets had waiting at the end of a second. */
  backlogMaxBytes: amount,
  /** Processor time of the driver's process per second of the busiest second: 1 is one core. */
  cpuCoresMax: amount,
  /** Share of all processors' time that the hypervisor gave to others; null where the system does not say. */
  stealShare: maybe,
});
export type DriverHealth = Readonly<z.output<typeof DRIVER_HEALTH>>;

const WARNING = saved({
  code: text,
  text: text,
  advice: text,
});
export type Warning = Readonly<z.output<typeof WARNING>>;

/** What a run cost, or would have cost on AWS, at list prices and without free tiers. */
export const RUN_COST = saved({
  currency: z.literal('USD'),
  /** From the first probe to the end of the drain. */
  total: amount,
  items: z
    .array(
      saved({
        label: text,
        quantity: amount,
        unit: text,
        cost: amount,
      }),
    )
    .readonly(),
  pricesAsOf: text,
  /** Whose list prices they are. This and what follows is left out of older results. */
  pricesRegion: text.exactOptional(),
  /** Whether AWS billed it, or a local stage's run is priced as if it had been there. */
  basis: z.enum(['billed', 'as on AWS']).exactOptional(),
  /** A month of 730 hours at the measured load, shards and connections included. */
  perMonth: amount.exactOptional(),
  /** The same, per million messages that were answered; null when none was. */
  perMillionRoundTrips: maybe.exactOptional(),
  /** Assumptions, one sentence each. */
  notes: z.array(text).readonly().exactOptional(),
});
export type RunCost = Readonly<z.output<typeof RUN_COST>>;

export const RUN_RESULT = saved({
  schema: z.literal(1),
  id: text,
  name: text,
  /** ISO 8601 UTC. */
  startedAt: instant,
  endedAt: instant,
  /** Start of the measured window; second 0 of `intervals`. */
  measuredFrom: instant,
  /** True when the run was cut short; everything in it was measured, but not everything planned was. */
  partial: z.boolean(),
  plan: PLAN,
  environment: saved({
    node: text,
    os: text,
    cpus: text,
    version: text,
    commit: text.nullable(),
    threads: count,
    seed: amount,
    /** Left out of a run that was not calibrated. */
    calibration: CALIBRATION.exactOptional(),
  }),
  /** Left out of results that are older than it, and where nothing was watched. */
  driver: DRIVER_HEALTH.exactOptional(),
  stage: STAGE_FACTS,
  connections: saved({
    requested: count,
    /** Of those requested: opened at least once. */
    opened: count,
    /** Of those requested: never opened. */
    failed: count,
    /** Ends that the stage brought about before the run's end. */
    closedEarly: count,
    /** Dials of every cause. What came of them: `connect.count` opened, `failedAttempts` failed, the rest was cut by the end. */
    attempts: count.exactOptional(),
    failedAttempts: count.exactOptional(),
    /** Of the failed attempts: answered with 429, a quota of new connections. Each was tried again, a bounded number of times. */
    throttled: count.exactOptional(),
    /** Opened again after a failure or an early end, each as a new stream. Its first opening is no reconnect. */
    reconnects: count,
    /** Closed by the driver because the plan has churn. */
    churned: count,
    /** Of those: opened again as a new stream at the first attempt. */
    reopened: count,
    /** Churn that was due and did not happen, because the connection was not open. */
    churnMissed: count,
    /** Measured messages among the refused whose connection was just being replaced by churn. */
    refusedInChurn: count,
    /**
     * By code: ECONNREFUSED, HTTP_429, CLOSE_1006 … The driver cut the connection itself where the code begins with PROTOCOL
     * (the stage broke the protocol) or LIMIT (it sent more than the driver takes).
     */
    failures: countsByName,
    /** What was first said of a code: the answer to a refused handshake, a close reason. Left out where nothing was. */
    details: texts.exactOptional(),
    connect: QUANTILES,
  }),
  messages: MESSAGE_COUNTS.extend({
    warmup: MESSAGE_COUNTS,
  }),
  throughput: saved({
    offeredPerSecond: amount,
    sentPerSecond: amount,
    deliveredPerSecond: amount,
  }),
  latency: saved({
    response: QUANTILES,
    service: QUANTILES,
    sendLag: QUANTILES,
    hops: HOP_BUDGET.nullable(),
  }),
  ordering: saved({
    /** Reordered per delivered message. */
    reorderedRatio: amount,
    /** RFC 4737 section 4.2: first arrivals between a reordered message and the earliest that overtook it. Messages. */
    extent: QUANTILES,
    /** RFC 4737 section 4.3: how long after that earliest overtaker it arrived. Milliseconds. */
    lateTime: QUANTILES,
    duplicatedRatio: amount,
    lossRatio: amount,
    /** With zero violations in n messages, the 95 % upper bound of the true ratio, as that of `detail.rates`: 1 − 0.05^(1/n), just
     * below 3/n; null when some were seen or n is 0. */
    upperBound95: maybe,
    /** Where reorders arose, known only for traced messages. */
    where: saved({ ingest: count, delivery: count, unknown: count }),
    /** Left out of results that are older than it. */
    detail: ORDERING_DETAIL.exactOptional(),
  }),
  /** Left out of runs without a fault plan. */
  faults: z.array(FAULT_OUTCOME).readonly().exactOptional(),
  intervals: z.array(INTERVAL).readonly(),
  metrics: STAGE_METRICS.extend({
    complete: z.boolean(),
  }).nullable(),
  /** Left out of results that are older than it. */
  traffic: RUN_TRAFFIC.exactOptional(),
  /** Left out where no message was lost, and where the metrics can't tell. */
  losses: LOST_MESSAGES.exactOptional(),
  /** Null where what the stage consists of is not known, as of one that is given by its URL. */
  cost: RUN_COST.nullable(),
  validity: saved({
    verdict: VALIDITY_VERDICT,
    checks: z.array(VALIDITY_CHECK).readonly(),
  }),
  thresholds: z
    .array(
      saved({
        expression: text,
        value: maybe,
        ok: z.boolean(),
      }),
    )
    .readonly(),
  warnings: z.array(WARNING).readonly(),
});
export type RunResult = Readonly<z.output<typeof RUN_RESULT>>;

/**
 * RunResult: what a run measured, as plain versioned data. It is the only thing reports, comparisons and other
 * people's scripts read. Times are milliseconds unless a name says otherwise. Changes are additions, or the schema
 * number moves.
 */
import type { Fault, FaultTally } from './fault.ts';
import type { Pacing, Plan } from './plan.ts';

/** Summary of a distribution. A percentile with fewer than 10 samples beyond it is null; so is everything at count 0. */
export interface Quantiles {
  readonly count: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/** Verdicts, worst last. */
export type ValidityVerdict = 'valid' | 'unknown' | 'invalid';

export interface ValidityCheck {
  readonly name: string;
  readonly verdict: ValidityVerdict;
  /** One sentence with the figures that led to the verdict. */
  readonly evidence: string;
}

export interface StageFacts {
  readonly kind: 'local' | 'aws' | 'url';
  readonly url: string;
  readonly name: string;
  readonly region: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly profile: string | null;
  /** Facts a reader must know to judge the figures, such as what the profile models. One sentence each. */
  readonly notes: readonly string[];
  /** ARN of a stage that is a stack: it names account and region, and no later stack has it. */
  readonly stackId?: string;
  /** What a stage given by the name of its stack consists of; its metrics can be read again later, even after teardown. */
  readonly pipeline?: StagePipeline;
}

/** A part of a stack: its name in the template, and the name its metrics go by. */
export interface PipelinePart {
  readonly logicalId: string;
  readonly name: string;
}

/**
 * The parts of a deployed pipeline, by the names that are the dimensions of their metrics. The first stream, consumer and
 * function are the ones whose series have plain names.
 */
export interface StagePipeline {
  readonly api: { readonly apiId: string; readonly stageName: string } | null;
  readonly streams: readonly PipelinePart[];
  readonly consumers: readonly (PipelinePart & { readonly streamName: string })[];
  readonly functions: readonly PipelinePart[];
  /** `name` is the mapping's UUID. */
  readonly mappings: readonly PipelinePart[];
}

export interface MetricSeries {
  /** Camel-case, unique; what a threshold names: `metrics.iteratorAge.max`. */
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** CloudWatch statistic: Sum, Average, Minimum, Maximum, SampleCount or pNN. */
  readonly stat: string;
  /** Start of each period, UTC milliseconds. */
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

/** How busy the local stage was in a window, by its own instruments. Shares are 0 to 1. */
export interface StageHealth {
  /** Seconds of the window that were watched. */
  readonly seconds: number;
  /** Share of the time in which the stage's event loop was at work. */
  readonly utilizationMean: number;
  /** The same in the busiest second. */
  readonly utilizationMax: number;
  /** How late the loop ran a timer, in the worst second: 99th percentile, and longest. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  /** Share of all processors' time in use, by whomever; null where it can't be read. */
  readonly machineBusyMean: number | null;
  /** Seconds in spells during which the stage or its machine had nothing left to give: see stack/local/health.ts. */
  readonly saturatedSeconds: number;
}

export interface StageMetrics {
  readonly source: 'cloudwatch' | 'local';
  /** Length of a period. CloudWatch publishes minutes; the local stage counts seconds. */
  readonly periodMs: number;
  /** Records the stream accepted in the whole window, for the completeness check; null when not known. */
  readonly incomingRecords: number | null;
  readonly series: readonly MetricSeries[];
  /** Of a local stage; left out where nothing was watched. */
  readonly health?: StageHealth;
  /** The whole periods that were asked for, where that is more than the run: they hold what happened around it too. */
  readonly window?: { readonly startEpochMs: number; readonly endEpochMs: number };
  /** What kept the reading from being whole, one sentence each. Left out when nothing did. */
  readonly problems?: readonly string[];
}

/** What a run sent to its stage from the first probe to the end of the drain: what a later reading of metrics is held against. */
export interface RunTraffic {
  /** UTC milliseconds. */
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** Records the streams must have accepted of it: probes and warm-up included, messages the gateway refused not. */
  readonly expectedRecords: number;
  /** Messages among them that were sent to see whether the stage is ready. Left out of results that are older than it. */
  readonly probes?: {
    readonly sent: number;
    readonly unanswered: number;
    /** Dials that a quota of new connections refused, and that were made again; left out where there were none. */
    readonly throttled?: number;
  };
}

/** A count that is known to lie between two, both included. */
export interface Between {
  readonly atLeast: number;
  readonly atMost: number;
}

/** What the stage's metrics say of the lost messages: see losses.ts. */
export interface LostMessages {
  /** As in the counts of messages. */
  readonly lost: number;
  /** Of these, messages that the gateway could not hand to the stream (IntegrationError). */
  readonly refused: Between;
  /** Of these, the ones that were over a shard's write limit (WriteProvisionedThroughputExceeded). */
  readonly throttled: Between;
}

/** One second of the measured window and its drain. `second` counts from the start of measurement. */
export interface Interval {
  readonly second: number;
  /** Due in this second. */
  readonly scheduled: number;
  /** Sent in this second. */
  readonly sent: number;
  /** First arrivals in this second, and below: what arrived in this second. */
  readonly delivered: number;
  readonly reordered: number;
  readonly duplicated: number;
  readonly unexpected: number;
  /** Of those due in this second: lost. Left out of results that are older than it. */
  readonly lost?: number;
  readonly refused: number;
  /** Connections open at the end of the second. */
  readonly connections: number;
  /** Response time of the second's deliveries. */
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** Service time of the second's deliveries. */
  readonly serviceP50: number | null;
  readonly serviceP99: number | null;
}

/** Counts of attempts and arrivals; both partitions hold: see ledger.ts. */
export interface MessageCounts {
  readonly scheduled: number;
  readonly sent: number;
  readonly refused: number;
  readonly indeterminate: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly unexpected: Readonly<Record<string, number>>;
}

export interface HopBudget {
  /** Actual send to arrival in the stream. Crosses clocks. */
  readonly ingest: Quantiles;
  /** Arrival in the stream to function start. Crosses clocks. */
  readonly queue: Quantiles;
  /** Function start to the post of the answer: one clock. */
  readonly process: Quantiles;
  /** Post of the answer to arrival at the driver. Crosses clocks. */
  readonly deliver: Quantiles;
  /** Samples whose hop came out below zero, which only clock offset can cause: counted, kept out of the histograms. */
  readonly negative: number;
  /**
   * How far the stage's clock can have been from the driver's, milliseconds: neither the fastest ingest nor the fastest
   * delivery can have taken less than nothing, so an offset beyond them is impossible. Null when hops came out negative.
   */
  readonly offsetBoundMs: number | null;
  /**
   * Mean time of each hop as a share of the sum of the four means: means add, percentiles do not. Of the messages of `sum`.
   * Offsets between clocks move time from one share to another; only the process hop is of one clock. Left out when no
   * message had four hops of which none came out below zero.
   */
  readonly shares?: {
    readonly ingest: number;
    readonly queue: number;
    readonly process: number;
    readonly deliver: number;
  };
  /**
   * The check that the hops are the whole way: the sum of the four mean hops against the mean service time of the same
   * messages, those none of whose hops came out below zero. Clock offsets, and the rounding of the stage's stamps to whole
   * milliseconds, cancel in the sum. `differenceMs` beyond `toleranceMs`, which is the resolution of what does not cancel,
   * means that a hop is missing or counted twice.
   */
  readonly sum?: {
    readonly samples: number;
    readonly hopsMeanMs: number;
    readonly serviceMeanMs: number;
    readonly differenceMs: number;
    readonly toleranceMs: number;
  };
}

/** Violations of one kind: how many, of how many that could have been, and how rare they may still be. */
export interface ViolationRate {
  readonly count: number;
  /** What could have been one: delivered messages for reordered and duplicated, sent ones for lost, else all arrivals. */
  readonly of: number;
  /** One-sided 95 % upper bound of the ratio, by Clopper and Pearson: with none seen, just below 3/n. Null when `of` is 0. */
  readonly upper95: number | null;
}

/** What happened on one stream, in measured messages. `unexpected` are arrivals of every unexpected kind. */
export interface StreamOrder {
  readonly stream: number;
  /** 0 when the worker died before it could say. */
  readonly delivered: number;
  readonly reordered: number;
  readonly duplicated: number;
  readonly lost: number;
  readonly unexpected: number;
}

/**
 * The parts of the RFCs on order, duplication and loss beyond plain ratios. Order is that of first arrivals; warm-up
 * messages are among them, but only what happened to measured ones is counted.
 */
export interface OrderingDetail {
  /** By kind: reordered, duplicated, lost, and the kinds of unexpected arrivals that are violations (corrupt, otherStream, otherRun, unsent). */
  readonly rates: Readonly<Record<string, ViolationRate>>;
  /**
   * RFC 4737 section 5: a reordered message's n: how many arrivals right before it had higher numbers. It can be 0, when
   * the message right before it was overtaken too.
   */
  readonly nReordering: Quantiles;
  /** By n, how many reordered messages are n-reordered to at least that degree; for n = 1, 2, 3 … up to a stated limit. */
  readonly nReordered: readonly number[];
  /**
   * RFC 4737 section 4.6: arrivals in order before a reordered one, back to the reordered one before it or to the start of
   * the stream; 0 when two reordered ones follow each other. The run under way when a stream ends is not counted.
   */
  readonly runs: Quantiles;
  /**
   * RFC 4737 section 4.5: arrivals from one reordering discontinuity of a stream – the arrival that jumped over messages
   * of which at least one came after it – to the next.
   */
  readonly gaps: Quantiles;
  /**
   * RFC 7680's waiting time: how long a message was waited for at the least before it counted as lost, milliseconds. That
   * is the drain, or less when a stream had so many messages outstanding that the oldest was given up sooner.
   */
  readonly waitingMs: number;
  /** Streams with any violation, of all that were opened, and of those the 20 with most, worst first. */
  readonly streams: {
    readonly affected: number;
    readonly of: number;
    readonly worst: readonly StreamOrder[];
    /** Affected streams beyond the 100,000 that are kept apart, and so not among the candidates. Left out when 0. */
    readonly unranked?: number;
  };
  /** By shard, known only for traced messages. Shards beyond the first 1,000 are summed as `others`. */
  readonly shards: readonly {
    readonly shard: string;
    readonly delivered: number;
    readonly reordered: number;
    readonly duplicated: number;
  }[];
}

/** A fault that was part of the run, and what became of it. */
export interface FaultOutcome {
  readonly fault: Fault;
  /** Since the start of measurement; null when the run ended before the fault began. */
  readonly fromMs: number | null;
  /** Null when it lasted to the end of the run. */
  readonly untilMs: number | null;
  /** By the injector's own count; null where nobody counted. */
  readonly tally: FaultTally | null;
  /** How long after its end the pipeline was as before; null when it did not end, or too little was measured before or after. */
  readonly recovery: FaultRecovery | null;
}

/** Times since the end of a fault, milliseconds, in steps of a second; null when it had not happened by the end of the run. */
export interface FaultRecovery {
  /** Until no more messages were outstanding than before the fault. */
  readonly backlogMs: number | null;
  /** Until the p99 of a second was within 10 % of that before the fault, and stayed there for three seconds. */
  readonly p99Ms: number | null;
  readonly p99BeforeMs: number;
  /** What stands in for the p99 where a second before the fault had fewer than the 1,000 arrivals that a p99 takes. */
  readonly percentile?: 'p90' | 'p50';
}

/** What carries messages between driver and stage. */
export type Transport = 'tcp' | 'tls';

/** What the driver can do on its machine, measured against a bare echo server just before the run. */
export interface Calibration {
  /** As the stage is reached. Left out of results that are older than it, which were calibrated over TCP. */
  readonly transport?: Transport;
  /** What woke the sender: the plan's choice, or a timer where that was not to be had. */
  readonly pacing: Pacing;
  /** How late an idle sender sends. */
  readonly timerLagP50Ms: number;
  readonly timerLagP99Ms: number;
  /** Service time of one message at a time: what driver, loopback and a bare echo take, the floor of every service time. */
  readonly loopFloorMs: { readonly p50: number; readonly p99: number };
  /** Messages of the plan's size that one thread of the driver sends and accounts for in a second when it does nothing else. */
  readonly ceilingPerSecond: number;
  /** Processors that threads can have; left out of results that are older than it. */
  readonly cores?: number;
  readonly takenMs: number;
}

/** How the driver itself fared while it measured. Shares are 0 to 1. */
export interface DriverHealth {
  /** Worker-seconds watched. */
  readonly seconds: number;
  readonly utilizationMean: number;
  readonly utilizationMax: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly gcCount: number;
  readonly gcMs: number;
  readonly gcMaxMs: number;
  /** Most bytes that a worker's sockets had waiting at the end of a second. */
  readonly backlogMaxBytes: number;
  /** Processor time of the driver's process per second of the busiest second: 1 is one core. */
  readonly cpuCoresMax: number;
  /** Share of all processors' time that the hypervisor gave to others; null where the system does not say. */
  readonly stealShare: number | null;
}

export interface Warning {
  readonly code: string;
  readonly text: string;
  readonly advice: string;
}

/** What a run cost, or would have cost on AWS, at list prices and without free tiers. */
export interface RunCost {
  readonly currency: 'USD';
  /** From the first probe to the end of the drain. */
  readonly total: number;
  readonly items: readonly {
    readonly label: string;
    readonly quantity: number;
    readonly unit: string;
    readonly cost: number;
  }[];
  readonly pricesAsOf: string;
  /** Whose list prices they are. This and what follows is left out of older results. */
  readonly pricesRegion?: string;
  /** Whether AWS billed it, or a local stage's run is priced as if it had been there. */
  readonly basis?: 'billed' | 'as on AWS';
  /** A month of 730 hours at the measured load, shards and connections included. */
  readonly perMonth?: number;
  /** The same, per million messages that were answered; null when none was. */
  readonly perMillionRoundTrips?: number | null;
  /** Assumptions, one sentence each. */
  readonly notes?: readonly string[];
}

export interface RunResult {
  readonly schema: 1;
  readonly id: string;
  readonly name: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Start of the measured window; second 0 of `intervals`. */
  readonly measuredFrom: string;
  /** True when the run was cut short; everything in it was measured, but not everything planned was. */
  readonly partial: boolean;
  readonly plan: Plan;
  readonly environment: {
    readonly node: string;
    readonly os: string;
    readonly cpus: string;
    readonly version: string;
    readonly commit: string | null;
    readonly threads: number;
    readonly seed: number;
    /** Left out of a run that was not calibrated. */
    readonly calibration?: Calibration;
  };
  /** Left out of results that are older than it, and where nothing was watched. */
  readonly driver?: DriverHealth;
  readonly stage: StageFacts;
  readonly connections: {
    readonly requested: number;
    /** Of those requested: opened at least once. */
    readonly opened: number;
    /** Of those requested: never opened. */
    readonly failed: number;
    /** Ends that the stage brought about before the run's end. */
    readonly closedEarly: number;
    /** Dials of every cause. What came of them: `connect.count` opened, `failedAttempts` failed, the rest was cut by the end. */
    readonly attempts?: number;
    readonly failedAttempts?: number;
    /** Of the failed attempts: answered with 429, a quota of new connections. Each was tried again, a bounded number of times. */
    readonly throttled?: number;
    /** Opened again after a failure or an early end, each as a new stream. Its first opening is no reconnect. */
    readonly reconnects: number;
    /** Closed by the driver because the plan has churn. */
    readonly churned: number;
    /** Of those: opened again as a new stream at the first attempt. */
    readonly reopened: number;
    /** Churn that was due and did not happen, because the connection was not open. */
    readonly churnMissed: number;
    /** Measured messages among the refused whose connection was just being replaced by churn. */
    readonly refusedInChurn: number;
    /**
     * By code: ECONNREFUSED, HTTP_429, CLOSE_1006 … The driver cut the connection itself where the code begins with PROTOCOL
     * (the stage broke the protocol) or LIMIT (it sent more than the driver takes).
     */
    readonly failures: Readonly<Record<string, number>>;
    /** What was first said of a code: the answer to a refused handshake, a close reason. Left out where nothing was. */
    readonly details?: Readonly<Record<string, string>>;
    readonly connect: Quantiles;
  };
  readonly messages: MessageCounts & { readonly warmup: MessageCounts };
  readonly throughput: {
    readonly offeredPerSecond: number;
    readonly sentPerSecond: number;
    readonly deliveredPerSecond: number;
  };
  readonly latency: {
    readonly response: Quantiles;
    readonly service: Quantiles;
    readonly sendLag: Quantiles;
    readonly hops: HopBudget | null;
  };
  readonly ordering: {
    /** Reordered per delivered message. */
    readonly reorderedRatio: number;
    /** RFC 4737 section 4.2: first arrivals between a reordered message and the earliest that overtook it. Messages. */
    readonly extent: Quantiles;
    /** RFC 4737 section 4.3: how long after that earliest overtaker it arrived. Milliseconds. */
    readonly lateTime: Quantiles;
    readonly duplicatedRatio: number;
    readonly lossRatio: number;
    /** With zero violations in n messages, the 95 % upper bound of the true ratio, as that of `detail.rates`: 1 − 0.05^(1/n), just
     * below 3/n; null when some were seen or n is 0. */
    readonly upperBound95: number | null;
    /** Where reorders arose, known only for traced messages. */
    readonly where: { readonly ingest: number; readonly delivery: number; readonly unknown: number };
    /** Left out of results that are older than it. */
    readonly detail?: OrderingDetail;
  };
  /** Left out of runs without a fault plan. */
  readonly faults?: readonly FaultOutcome[];
  readonly intervals: readonly Interval[];
  readonly metrics: (StageMetrics & { readonly complete: boolean }) | null;
  /** Left out of results that are older than it. */
  readonly traffic?: RunTraffic;
  /** Left out where no message was lost, and where the metrics can't tell. */
  readonly losses?: LostMessages;
  /** Null where what the stage consists of is not known, as of one that is given by its URL. */
  readonly cost: RunCost | null;
  readonly validity: { readonly verdict: ValidityVerdict; readonly checks: readonly ValidityCheck[] };
  readonly thresholds: readonly {
    readonly expression: string;
    readonly value: number | null;
    readonly ok: boolean;
  }[];
  readonly warnings: readonly Warning[];
}

/** Where a witness was on its way: times of the stage's clocks, since the start of measurement, and its place in the stream. */
export interface WitnessHops {
  readonly shard: string;
  readonly record: string;
  readonly arrivedMs: number;
  readonly startedMs: number;
  readonly postedMs: number;
}

/** One line of violations.ndjson. Times are milliseconds since the start of measurement. */
export type Violation =
  | {
      readonly kind: 'reordered';
      readonly stream: number;
      readonly sequence: number;
      readonly intendedMs: number;
      readonly sentMs: number;
      readonly arrivedMs: number;
      readonly extent: number;
      readonly lateTimeMs: number;
      /** The earliest message that overtook it. */
      readonly overtakenBy: {
        readonly sequence: number;
        readonly sentMs: number;
        readonly arrivedMs: number;
        /** Of traced messages. */
        readonly hops?: WitnessHops;
      };
      readonly where: 'ingest' | 'delivery' | 'unknown';
      readonly hops?: WitnessHops;
    }
  | {
      readonly kind: 'duplicated';
      readonly stream: number;
      readonly sequence: number;
      readonly arrivedMs: number;
      /** Of the first arrival, while it is remembered: see ledger-slots.ts and, of traced messages, ordering-hops.ts. */
      readonly sentMs?: number;
      readonly firstArrivedMs?: number;
      readonly hops?: WitnessHops;
      readonly firstHops?: WitnessHops;
    }
  | {
      readonly kind: 'lost';
      readonly stream: number;
      readonly sequence: number;
      readonly intendedMs: number;
      readonly sentMs: number;
    }
  | {
      readonly kind: 'unexpected';
      readonly stream: number;
      readonly what: string;
      readonly arrivedMs: number;
      /** The first bytes of it, as text. */
      readonly excerpt: string;
    };

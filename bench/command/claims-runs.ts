/**
 * The runs of the experiments: each made when it is first asked for, once, with a directory and a report of its own. On the
 * local stage every run has a stage of its own, since a fault plan is the stage's; a stack is one for all.
 */

import path from 'node:path';
import { patienceWithStage } from '../drive/patience.ts';
import { ECHO_WITHIN_MS } from '../drive/probe.ts';
import { readied } from '../drive/readiness.ts';
import type { Pushes } from '../judge/claims/asynchronous.ts';
import { type RunKey, type RunSettings, type RunSpec, runSpec } from '../judge/claims/runs.ts';
import { counted } from '../model/counted.ts';
import type { RunResult, StageFacts } from '../model/result.ts';
import { systemClock } from '../node/clock.ts';
import { wsDialer } from '../node/dialer.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { StageLog } from '../node/stage-log.ts';
import { type RecordCounts, recordCounts } from './claims-aws.ts';
import { armedPoison, pause, unsolicitedPushes } from './claims-messages.ts';
import { newRunId, runOnce } from './run-once.ts';
import { type OpenStage, openStage, withMetrics } from './stage.ts';

/** A service that failed is behind, and comes back with its back-off: as long as it gets to catch up. Metrics are of minutes. */
const CATCH_UP_MS = 75_000;
export const CATCH_UP_AWS_MS = 600_000;
const LOOK_EVERY_MS = 1000;
const LOOK_EVERY_AWS_MS = 30_000;

const MINUTE_MS = 60_000;

/** Longest that arming a poison, a count or the pushes take, with calls that AWS throttles. */
const CALLS_MS = 180_000;

export interface ClaimRunsOptions {
  readonly settings: RunSettings;
  /** The stack, open; null on the local stage, where each run opens its own. */
  readonly stack: OpenStage | null;
  /** Of the claims. */
  readonly directory: string;
  readonly isSilent: boolean;
  readonly interrupted: AbortSignal;
  /** Runs whose stage's metrics an experiment needs: a stack's come minutes late. */
  readonly withMetrics: ReadonlySet<RunKey>;
  readonly writeRun: (directory: string) => Promise<unknown>;
  readonly say: (line: string) => void;
  /** Told when a run's results are not where they belong. */
  readonly troubled: (trouble: string) => void;
}

interface Order {
  readonly spec: RunSpec;
  readonly stage: OpenStage;
  readonly place: string;
  readonly log: StageLog;
}

/** A run that is over, and what was asked of its stage before it closed. */
export interface FinishedRun {
  readonly spec: RunSpec;
  readonly result: RunResult;
  /** Relative to the directory of the claims. */
  readonly place: string;
  /** Where its results are: that place, unless the disk did not take them. */
  readonly directory: string;
  /** Null where they were not asked for. */
  readonly counts: RecordCounts | null;
  /** Null where none were made. */
  readonly pushes: Pushes | null;
  /** What could not be had, one sentence each. */
  readonly problems: readonly string[];
}

/** The run did not come to its end because of the user. */
export class RunInterrupted extends Error {}

export class ClaimRuns {
  readonly #options: ClaimRunsOptions;
  readonly #made = new Map<RunKey, Promise<FinishedRun>>();
  #count = 0;
  #log = new StageLog();

  constructor(options: ClaimRunsOptions) {
    this.#options = options;
  }

  /** The last words of the last run's stage. */
  get stageLog(): StageLog {
    return this.#log;
  }

  /** The run, made now if it was not before. Rejects with {@link RunInterrupted}, or as a run does. */
  run(key: RunKey): Promise<FinishedRun> {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const making = this.#make(runSpec(key, this.#options.settings));
    this.#made.set(key, making);
    return making;
  }

  async #make(spec: RunSpec): Promise<FinishedRun> {
    const { stack, say, interrupted } = this.#options;
    if (interrupted.aborted) throw new RunInterrupted();
    const place = `runs/${String(this.#count++).padStart(2, '0')}-${spec.key}`;
    say(`${spec.key}: ${spec.purpose} (${loadText(spec)})`);
    this.#log = new StageLog();
    const log = this.#log;
    const stage =
      stack ?? (await openStage({ plan: spec.plan, log: log.add, metricsWaitMs: null, interrupted }));
    try {
      return await this.#measured({ spec, stage, place, log });
    } catch (error) {
      throw interrupted.aborted ? new RunInterrupted() : error;
    } finally {
      if (stack === null) await stage.close();
    }
  }

  async #measured(order: Order): Promise<FinishedRun> {
    const { spec, stage, place } = order;
    const { settings, interrupted } = this.#options;
    const missed = await this.#readied(stage);
    const isCounted = spec.key === 'audit-fault' || spec.poison !== null;
    const isOfMinutes = spec.key === 'audit-fault' && stage.facts.kind === 'aws';
    if (isOfMinutes || (isCounted && missed > 0)) await this.#nextMinute();
    const startEpochMs = systemClock.epochAt(systemClock.now());
    const { result, directory } = await this.#driven(order);
    if (interrupted.aborted || result.partial) throw new RunInterrupted();
    const problems: string[] = [];
    const counts = isCounted ? await this.#counts(stage.facts, startEpochMs, result, problems) : null;
    const isPushed = spec.key === 'echo-fault' || (spec.key === 'steady' && settings.ground === 'stack');
    const pushes = isPushed ? await this.#inTime(unsolicitedPushes(stage.facts)) : null;
    return { spec, result, place, directory, counts, pushes, problems };
  }

  /** Before anything is counted: what is sent to see that every service reads may be read by none. Returns how many were not. */
  async #readied({ facts, readiness, echoWithinMs }: OpenStage): Promise<number> {
    const { interrupted, say } = this.#options;
    if (readiness === undefined) return 0;
    let told = '';
    const { unanswered } = await readied({
      ...{ url: facts.url, dialer: wsDialer(), clock: systemClock, runId: newRunId(), readiness },
      echoWithinMs: echoWithinMs ?? ECHO_WITHIN_MS,
      interrupted: AbortSignal.any([interrupted]),
      waiting: ({ what }) => {
        if (what !== told) say(`  waiting: ${what}`);
        told = what;
      },
    });
    return unanswered;
  }

  async #driven({ spec, stage, place, log }: Order): Promise<Pick<FinishedRun, 'result' | 'directory'>> {
    const {
      directory,
      isSilent,
      interrupted,
      writeRun,
      withMetrics: withMetricsOf,
      settings,
    } = this.#options;
    const own = RunDirectory.within(path.join(directory, place));
    const poison = spec.poison === null ? null : await this.#inTime(armedPoison(stage.facts, spec.poison));
    const hasMetrics = settings.ground === 'own' || withMetricsOf.has(spec.key);
    try {
      const result = await runOnce({
        ...{ plan: spec.plan, headers: {}, query: '', directory: own, stageLog: log, calibration: undefined },
        ...{ isSilent, interrupted, write: writeRun, id: runIdOf(spec.plan.name, Date.now()) },
        stage: {
          ...withMetrics(stage, hasMetrics),
          measuring: (fromEpochMs) => {
            stage.measuring?.(fromEpochMs);
            poison?.measuring(fromEpochMs);
          },
        },
      });
      if (own.trouble !== null) this.#options.troubled(own.trouble);
      return { result, directory: own.path };
    } finally {
      poison?.close();
    }
  }

  /** What is asked of the stage beside its run, which holds nobody up who has had enough. */
  async #inTime<T>(asked: Promise<T>): Promise<T> {
    const patience = patienceWithStage({ answersWithinMs: CALLS_MS }, systemClock, this.#options.interrupted);
    return patience.for(asked).finally(() => patience.close());
  }

  /** Asked again until both services have caught up, or nobody waits any longer. */
  async #counts(
    facts: StageFacts,
    startEpochMs: number,
    result: RunResult,
    problems: string[],
  ): Promise<RecordCounts | null> {
    const { interrupted, say } = this.#options;
    const isAws = facts.kind === 'aws';
    const endMs = systemClock.now() + (isAws ? CATCH_UP_AWS_MS : CATCH_UP_MS);
    const expected = result.traffic?.expectedRecords ?? 0;
    if (isAws) say('  waiting for the metrics of the mappings, up to 10 minutes');
    try {
      for (;;) {
        const endEpochMs = systemClock.epochAt(systemClock.now());
        const counts = await this.#inTime(recordCounts(facts, { startEpochMs, endEpochMs }));
        const { incoming, echo, audit } = counts;
        const all = Math.max(expected, incoming ?? 0);
        const processed = [echo, ...(audit === null ? [] : [audit])].map((one) => one?.processed ?? 0);
        const isCaughtUp = Math.min(incoming ?? 0, ...processed) >= all;
        if (isCaughtUp || interrupted.aborted || systemClock.now() > endMs) return counts;
        await pause(isAws ? LOOK_EVERY_AWS_MS : LOOK_EVERY_MS);
      }
    } catch (error) {
      problems.push(`The metrics of stream and mappings could not be read: ${(error as Error).message}`);
      return null;
    }
  }

  /** CloudWatch counts whole minutes: what came before must not be in the run's. */
  async #nextMinute(): Promise<void> {
    const { say, interrupted } = this.#options;
    const nowEpochMs = systemClock.epochAt(systemClock.now());
    const untilMs = systemClock.now() + MINUTE_MS - (nowEpochMs % MINUTE_MS);
    say('  waiting for the next whole minute, as CloudWatch counts them');
    while (systemClock.now() < untilMs && !interrupted.aborted) await pause(250);
  }
}

function loadText({ plan }: RunSpec): string {
  const rate =
    plan.load.kind === 'open' ? `${plan.load.ratePerSecond}/s` : `${plan.load.inFlight} outstanding on each`;
  return `${rate} over ${counted(plan.connections, 'connection')} for ${plan.durationMs / 1000} s`;
}

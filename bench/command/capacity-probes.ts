/** The probes of a capacity search: each a run with a directory and a report of its own, judged, and a pause after it. */

import path from 'node:path';
import { probe } from '../drive/probe.ts';
import { settle } from '../drive/settle.ts';
import type { CapacityProbe } from '../judge/capacity.ts';
import { probeCost } from '../judge/capacity-cost.ts';
import type { ProbeJudgement } from '../judge/probe-judgement.ts';
import type { Plan } from '../model/plan.ts';
import type { RunResult } from '../model/result.ts';
import { addressWith, redactorOf } from '../model/secrets.ts';
import { systemClock } from '../node/clock.ts';
import { wsDialer } from '../node/dialer.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import type { StageLog } from '../node/stage-log.ts';
import { newRunId, type Once, runOnce } from './run-once.ts';

/** An echo that takes longer than this, or twice the best p99 seen, has waited behind others. */
const PROMPT_MS = 1000;

/** A queue that takes longer to work off than the probe took to build it is the stage's failure, not a thing to wait for. */
const PATIENCE_MS = 60_000;

export interface ProbingOptions
  extends Pick<
    Once,
    'headers' | 'query' | 'stage' | 'calibration' | 'isSilent' | 'interrupted' | 'write' | 'pricing'
  > {
  readonly planAt: (ratePerSecond: number, name: string) => Plan;
  readonly localAddresses: readonly string[];
  /** Of the search. */
  readonly directory: string;
  readonly judge: (result: RunResult) => ProbeJudgement;
  /** Told when a probe's results are not where they belong. */
  readonly troubled: (trouble: string) => void;
}

export interface ProbeOrder {
  readonly index: number;
  readonly phase: CapacityProbe['phase'];
  readonly ratePerSecond: number;
  readonly log: StageLog;
}

export class CapacityProbes {
  readonly #options: ProbingOptions;
  /** Lowest p99 of a probe so far, milliseconds. */
  #bestP99Ms = Infinity;

  constructor(options: ProbingOptions) {
    this.#options = options;
  }

  /** Probes and answers what came of it. Rejects when the run could not be made, or was interrupted before it measured. */
  async probe(order: ProbeOrder): Promise<CapacityProbe> {
    const fromMs = systemClock.now();
    const place = `probes/${String(order.index).padStart(2, '0')}-${order.ratePerSecond}`;
    const result = await this.#run(order, place);
    const judgement = this.#options.judge(result);
    this.#bestP99Ms = Math.min(this.#bestP99Ms, result.latency.response.p99 ?? Infinity);
    const drainedAfterMs = judgement.verdict === 'held' ? 0 : await this.#drained();
    // A probe that the user cut short says nothing about its rate.
    const isCut = result.partial && this.#options.interrupted.aborted;
    const isJudged = order.phase !== 'warm-up' && !isCut;
    return {
      index: order.index,
      phase: order.phase,
      ratePerSecond: order.ratePerSecond,
      ...figuresOf(result),
      verdict: isJudged ? judgement.verdict : 'not judged',
      limitedBy: isJudged ? judgement.limitedBy : null,
      reasons: isJudged ? judgement.reasons : [],
      directory: place,
      tookMs: Math.round(systemClock.now() - fromMs),
      drainedAfterMs: drainedAfterMs === null ? null : Math.round(drainedAfterMs),
    };
  }

  async #run({ ratePerSecond, log: stageLog }: ProbeOrder, place: string): Promise<RunResult> {
    const { planAt, directory: parent, troubled, ...options } = this.#options;
    const directory = RunDirectory.within(path.join(parent, place));
    const plan = planAt(ratePerSecond, place.replace('probes/', 'probe-'));
    const id = runIdOf(plan.name, Date.now());
    const result = await runOnce({ ...options, plan, id, directory, stageLog });
    if (directory.trouble !== null) troubled(directory.trouble);
    return result;
  }

  #drained(): Promise<number | null> {
    const { stage, headers, query = '', localAddresses } = this.#options;
    const best = Number.isFinite(this.#bestP99Ms) ? 2 * this.#bestP99Ms : 0;
    const echo = (echoWithinMs: number) =>
      probe({
        url: addressWith(stage.facts.url, query),
        redact: redactorOf({ query, headers }),
        echo: true,
        dialer: wsDialer({ headers, localAddresses }),
        clock: systemClock,
        runId: newRunId(),
        echoWithinMs,
        interrupted: this.#options.interrupted,
      });
    return settle({
      clock: systemClock,
      echo,
      promptMs: Math.max(PROMPT_MS, best),
      patienceMs: PATIENCE_MS,
      interrupted: AbortSignal.any([this.#options.interrupted]),
    });
  }
}

function figuresOf(
  result: RunResult,
): Pick<
  CapacityProbe,
  | 'startedAt'
  | 'offeredPerSecond'
  | 'deliveredPerSecond'
  | 'p50'
  | 'p99'
  | 'max'
  | 'slos'
  | 'validity'
  | 'cost'
> {
  const { p50, p99, max } = result.latency.response;
  return {
    startedAt: result.startedAt,
    offeredPerSecond: result.throughput.offeredPerSecond,
    deliveredPerSecond: deliveredInTime(result),
    p50,
    p99,
    max,
    slos: result.thresholds,
    validity: result.validity.verdict,
    cost: probeCost(result.cost),
  };
}

function deliveredInTime({ intervals, plan }: RunResult): number {
  const seconds = Math.max(1, Math.floor(plan.durationMs / 1000));
  const inTime = intervals.filter(({ second }) => second < seconds);
  return inTime.reduce((sum, { delivered }) => sum + delivered, 0) / seconds;
}

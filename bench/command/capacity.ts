/**
 * `bench capacity`: the highest rate at which every SLO holds. One stage is opened for the whole search; each probe is a run
 * of its own on it, with its own connections, warm-up, run directory and report, and the stage has drained before the next
 * begins. What there is so far is saved after every probe, so an interruption costs the probe that it met.
 */

import path from 'node:path';
import { ProbeError } from '../drive/probe.ts';
import { NothingMeasured } from '../drive/probe-stage.ts';
import {
  type CapacityAnswer,
  type CapacityProbe,
  type CapacityResult,
  judgedProbes,
} from '../judge/capacity.ts';
import { judgeProbe } from '../judge/probe-judgement.ts';
import { nextProbe, type SearchSettings } from '../judge/search.ts';
import { Interrupted, OperatingError } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import { probeDurationMs, probeTookMs } from '../model/probe-plan.ts';
import type { Calibration } from '../model/result.ts';
import { redactorOf } from '../model/secrets.ts';
import { isStackStage } from '../model/stage-name.ts';
import { environmentOf, PACKAGE_ROOT } from '../node/machine.ts';
import type { ParsedPlan } from '../node/plan-file.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { StageLog } from '../node/stage-log.ts';
import { note } from '../node/terminal.ts';
import { saidCalibration } from './calibration.ts';
import { type CAPACITY_FLAGS, parseCapacity, type SearchOptions } from './capacity-options.ts';
import { CapacityProbes, type ProbeOrder } from './capacity-probes.ts';
import { capacityResult, saveCapacity } from './capacity-save.ts';
import { Misplaced, type Place, type SummaryOf, sayClosing } from './closing.ts';
import { EXIT } from './exit.ts';
import type { Given, Values } from './flags.ts';
import { listenForInterruption } from './interruption.ts';
import { pricingOf } from './pricing.ts';
import { isOfMetrics } from './run-options.ts';
import { checkSocketLimits } from './socket-limits.ts';
import { stackNotice } from './stack-notice.ts';
import { type OpenStage, openStage, withMetrics } from './stage.ts';

/** Doubling from one a second to a million, halving to 1 %, and confirming it all come to less. */
const MAX_PROBES = 40;

/** What the command needs of the reports, given by the composition root. */
export interface CapacityReporting {
  /** Renders every format of a probe's run directory into it. */
  writeRun(directory: string): Promise<unknown>;
  /** Renders every format of the search's directory into it. */
  writeCapacity(directory: string): Promise<unknown>;
  /** One line of a probe that is over. */
  probeLine(probe: CapacityProbe): string;
  readonly summary: SummaryOf<CapacityResult>;
}

/** Searches and answers the exit code. */
export async function capacityCommand(
  given: Given<typeof CAPACITY_FLAGS>,
  reporting: CapacityReporting,
): Promise<number> {
  const parsed = parseCapacity(given);
  const { flags } = given;
  checkSocketLimits(parsed.plan);
  const startedAtMs = Date.now();
  const id = runIdOf(`${parsed.plan.name}-capacity`, startedAtMs);
  const directory = new RunDirectory(flags.out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', id));
  const interruption = listenForInterruption();
  const search = new Search({ flags, parsed, id, startedAtMs, directory, reporting });
  try {
    const result = await search.go(interruption.signal);
    await saveCapacity(directory, result, reporting);
    if (result.answer.failure !== undefined) search.tellStage();
    const code = exitCodeOf(result);
    sayClosing(flags, result, search.placeOf(directory), reporting.summary, code);
    return code;
  } catch (error) {
    directory.discard();
    if (error instanceof Misplaced) throw error;
    if (interruption.signal.aborted && error instanceof NothingMeasured)
      throw new Interrupted('Interrupted before anything was measured; nothing was saved.');
    search.tellStage();
    throw search.isBegun ? await leftover(directory, error, reporting) : error;
  } finally {
    interruption.dispose();
  }
}

/**
 * 0 with an answer, 1 when the stage failed on the way, 3 when no rate holds, 4 when none could be judged, or the driver or
 * the machine kept any from being judged.
 */
export function exitCodeOf({ partial, answer }: Pick<CapacityResult, 'partial' | 'answer'>): number {
  if (answer.failure !== undefined) return EXIT.operation;
  if (partial) return EXIT.interrupted;
  if (answer.ratePerSecond !== null) return EXIT.ok;
  return answer.limitedBy === 'driver' ||
    answer.limitedBy === 'machine' ||
    answer.unjudgedAtPerSecond !== undefined
    ? EXIT.invalid
    : EXIT.threshold;
}

/** A search that failed half-way has probes to show: its reports are made, and the error says where they are. */
async function leftover(
  { path: place }: RunDirectory,
  error: unknown,
  reporting: CapacityReporting,
): Promise<unknown> {
  if (!(error instanceof OperatingError)) return error;
  await reporting.writeCapacity(place).catch(() => null);
  return new OperatingError(`${error.message}\nWhat was probed before is in ${place}.`);
}

interface Context {
  readonly flags: Values<typeof CAPACITY_FLAGS>;
  readonly parsed: ParsedPlan & { readonly search: SearchOptions };
  readonly id: string;
  readonly startedAtMs: number;
  readonly directory: RunDirectory;
  readonly reporting: CapacityReporting;
}

/** `failure`: of a search that ended because the stage failed. */
interface Ended {
  readonly end: CapacityAnswer['end'];
  readonly failure?: string;
}

class Search {
  readonly #context: Context;
  readonly #settings: SearchSettings;
  readonly #probes: CapacityProbe[] = [];
  readonly #troubles: string[] = [];
  #log: StageLog;

  constructor(context: Context) {
    this.#context = context;
    this.#log = new StageLog(redactorOf(context.parsed));
    const { search, plan } = context.parsed;
    const { samples, probeDurationMs: fixedMs } = search;
    const expectedMs = (ratePerSecond: number) => probeTookMs(plan, { ratePerSecond, samples, fixedMs });
    this.#settings = { ...search, maxProbes: MAX_PROBES, expectedMs };
  }

  /** Whether there are probes to show. */
  get isBegun(): boolean {
    return this.#probes.length > 0;
  }

  /** Where the results are, and what of the probes' is elsewhere. */
  placeOf({ path: place, trouble, isNowhere }: RunDirectory): Place {
    const troubles = [...this.#troubles, ...(trouble === null ? [] : [trouble])];
    return { path: place, isNowhere, trouble: troubles.length === 0 ? null : troubles.join('\n') };
  }

  /** The last words of a stage that failed. */
  tellStage(): void {
    for (const line of this.#log.tail()) note(`stage: ${line}`);
  }

  /** Warms up, probes until the search is over or interrupted, and answers the result. Closes the stage. */
  async go(interrupted: AbortSignal): Promise<CapacityResult> {
    const { parsed, flags } = this.#context;
    const { plan, headers } = parsed;
    this.#say(introduction(this.#context.parsed, this.#settings));
    const say = (line: string) => this.#say(line);
    const calibration = flags.calibration ? await saidCalibration(plan, say, interrupted) : undefined;
    const stage = await openStage({
      plan,
      headers,
      log: (line) => this.#log.add(line),
      metricsWaitMs: null,
      interrupted,
    });
    try {
      if (isStackStage(plan)) await this.#announce(stage);
      const probes = this.#prober(stage, calibration, interrupted);
      return this.#result(stage, await this.#search(probes, stage, interrupted));
    } finally {
      await stage.close();
    }
  }

  async #search(prober: CapacityProbes, stage: OpenStage, interrupted: AbortSignal): Promise<Ended> {
    await this.#probe(prober, stage, { phase: 'warm-up', ratePerSecond: this.#settings.minRatePerSecond });
    for (;;) {
      if (interrupted.aborted) return { end: 'interrupted' };
      const step = nextProbe(judgedProbes(this.#probes), this.#settings);
      if (step.kind === 'done') return { end: step.reason };
      try {
        await this.#probe(prober, stage, step);
      } catch (error) {
        if (!(error instanceof NothingMeasured || error instanceof ProbeError)) throw error;
        if (!interrupted.aborted) return { end: 'stage failed', failure: error.message.replace(/\.$/, '') };
      }
    }
  }

  async #probe(
    prober: CapacityProbes,
    stage: OpenStage,
    order: Pick<ProbeOrder, 'phase' | 'ratePerSecond'>,
  ): Promise<void> {
    this.#log = new StageLog(redactorOf(this.#context.parsed));
    const probe = await prober.probe({ ...order, index: this.#probes.length, log: this.#log });
    this.#probes.push(probe);
    this.#say(this.#context.reporting.probeLine(probe));
    // A later probe may fail with an error; what there is by then must not be lost with it.
    await saveCapacity(this.#context.directory, this.#result(stage, { end: 'interrupted' }), null);
  }

  #prober(stage: OpenStage, calibration: Calibration | undefined, interrupted: AbortSignal): CapacityProbes {
    const { parsed, directory, flags, reporting } = this.#context;
    const { plan, headers, query, search } = parsed;
    const isSilent = flags.quiet || flags.json || !process.stderr.isTTY;
    return new CapacityProbes({
      planAt: (ratePerSecond, name) => planAt(plan, { ratePerSecond, name, search }),
      headers,
      query,
      localAddresses: plan.localAddresses,
      stage: withMetrics(stage, isWithMetrics(plan, flags.metrics)),
      calibration,
      directory: directory.path,
      isSilent,
      interrupted,
      write: reporting.writeRun,
      troubled: (trouble) => this.#troubles.push(trouble),
      judge: judgeProbe,
      pricing: pricingOf({ pricesPath: flags.prices, templateText: stage.templateText ?? null }),
    });
  }

  #result(stage: OpenStage, ended: Ended): CapacityResult {
    const { parsed, id, startedAtMs } = this.#context;
    const { plan, search } = parsed;
    return capacityResult({
      id,
      plan,
      startedAtMs,
      endedAtMs: Date.now(),
      environment: environmentOf(plan),
      stage: stage.facts,
      search: { ...search, maxProbes: MAX_PROBES },
      probes: [...this.#probes],
      ...ended,
    });
  }

  /** The most that the search can cost, where its highest rate is known; else what its first probe costs. */
  async #announce(stage: OpenStage): Promise<void> {
    const { parsed, flags } = this.#context;
    const { search } = parsed;
    const isBounded = flags.maxRate !== null;
    const ratePerSecond = isBounded ? search.maxRatePerSecond : search.minRatePerSecond;
    const plan = planAt(parsed.plan, { ratePerSecond, name: parsed.plan.name, search });
    const most = isBounded ? { ...plan, durationMs: search.budgetMs } : plan;
    const { maxCost: maxCostUsd, prices: pricesPath } = flags;
    for (const line of await stackNotice({ plan: most, stage, maxCostUsd, pricesPath })) this.#say(line);
    this.#say(
      isBounded
        ? '  (that is the most: the highest rate for all of the budget)'
        : '  (that is the first probe; give --max-rate for the most that the search can cost)',
    );
  }

  #say(line: string): void {
    const { quiet, json } = this.#context.flags;
    if (!quiet && !json) note(line);
  }
}

/**
 * A stack's metrics come minutes late, in whole minutes that probes share, so they are read only where an SLO asks for them;
 * `bench report PROBE --refresh-metrics` reads them later.
 */
function isWithMetrics(plan: Plan, isWanted: boolean): boolean {
  return isWanted && (!isStackStage(plan) || plan.thresholds.some(isOfMetrics));
}

function planAt(
  plan: Plan,
  { ratePerSecond, name, search }: { ratePerSecond: number; name: string; search: SearchOptions },
): Plan {
  const { samples, probeDurationMs: fixedMs } = search;
  const arrival = plan.load.kind === 'open' ? plan.load.arrival : 'constant';
  return {
    ...plan,
    name,
    load: { kind: 'open', ratePerSecond, arrival },
    durationMs: probeDurationMs({ ratePerSecond, samples, fixedMs }),
  };
}

function introduction({ plan }: ParsedPlan, settings: SearchSettings): string {
  const { minRatePerSecond, budgetMs, precision, expectedMs } = settings;
  const each = Math.round(expectedMs(minRatePerSecond) / 1000);
  return (
    `${plan.name}: the highest rate from ${minRatePerSecond}/s at which ${plan.thresholds.join(' and ')}; ` +
    `${plan.connections} connections, to ${precision * 100} %, probes of about ${each} s, ${budgetMs / 60_000} min at most`
  );
}

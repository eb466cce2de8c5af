/**
 * Merges partials into one run: judges each, adds those that belong, and says what is missing. Partials are added as they
 * come and let go, so memory does not grow with their number. Adding is all there is: nothing is scaled up, averaged or
 * guessed for a worker that is missing.
 */

import type { FileJudgement, FleetFacts, WorkerFacts } from '../../model/fleet-facts.ts';
import type { Plan } from '../../model/plan.ts';
import type { AnyHistogram } from '../histogram-sum.ts';
import type { RunRecord } from '../record.ts';
import { Rollup } from '../rollup.ts';
import { countsOf } from '../second.ts';
import { clockSpreadMs, clocksApartMs } from './clock-bound.ts';
import type { FleetPartial, PartialIdentity } from './partial.ts';
import { PlannedShare, unbalanced } from './planned-share.ts';
import { workerFacts } from './worker-facts.ts';
import { missingShare } from './worker-share.ts';

/** The run that is merged: what all its partials agree in. */
export type RunIdentity = Omit<PartialIdentity, 'index'>;

export interface MergeOptions {
  readonly run: RunIdentity;
  readonly plan: Plan;
}

/** What was sent to see that the stage is ready before any worker began. Times are UTC milliseconds. */
export interface Probed {
  readonly fromMs: number;
  readonly toMs: number;
  /** Messages that the stage took. */
  readonly sent: number;
  /** Of these, messages that had not come back by then. */
  readonly unanswered: number;
  /** Dials that a quota of new connections refused. */
  readonly throttled: number;
}

/**
 * Probing that ended so long before the first worker began is in no minute of the run's metrics, whatever the clocks' offset;
 * any other is entered into the record, as a run on one machine does.
 */
const APART_MS = 120_000;

export interface Merged {
  readonly record: RunRecord;
  readonly fleet: FleetFacts;
}

type Common = Pick<FleetPartial, 'environment' | 'run' | 'times' | 'clock'>;

export class FleetMerge {
  readonly #options: MergeOptions;
  readonly #rollup = new Rollup();
  readonly #share: PlannedShare;
  readonly #digests = new Map<number, string>();
  readonly #rejected: FileJudgement[] = [];
  readonly #workers: WorkerFacts[] = [];
  readonly #commons: Common[] = [];

  constructor(options: MergeOptions) {
    this.#options = options;
    this.#share = new PlannedShare(options.plan, options.run.of);
  }

  get plan(): Plan {
    return this.#options.plan;
  }

  /** How many workers are in the sums. */
  get merged(): number {
    return this.#workers.length;
  }

  /** Judges the partial and adds it if it belongs. `digest` is equal for equal files. */
  add(name: string, partial: FleetPartial<AnyHistogram>, digest: string): FileJudgement {
    const { index } = partial.identity;
    const foreign = foreignness(partial.identity, this.#options.run);
    if (foreign !== null) return this.reject({ name, verdict: 'foreign', reason: foreign });
    const known = this.#digests.get(index);
    if (known === digest)
      return this.reject({ name, verdict: 'duplicate', reason: `the same as another of worker ${index}` });
    if (known !== undefined)
      return this.reject({
        name,
        verdict: 'conflict',
        reason: `worker ${index} reported before, and differently: its share was driven twice`,
      });
    const counts = countsOf(partial.part.seconds);
    const imbalance = unbalanced(counts) ?? this.#share.contradiction(partial, counts.measured.scheduled);
    if (imbalance !== null) return this.reject({ name, verdict: 'unbalanced', reason: imbalance });
    this.#digests.set(index, digest);
    this.#rollup.addPart(partial.part, counts);
    this.#workers.push(workerFacts(partial, counts, this.#options.plan.connections));
    const { environment, run, times, clock } = partial;
    this.#commons.push({ environment, run, times, clock });
    return { name, verdict: 'merged', reason: '' };
  }

  /** Names a file that is not added. */
  reject(judgement: FileJudgement): FileJudgement {
    this.#rejected.push(judgement);
    return judgement;
  }

  /** The run that the partials add up to, and what is to be said of its workers. Throws when nothing was merged. */
  finish(given: { readonly id: string; readonly probed?: Probed | undefined }): Merged {
    const fleet = this.#facts();
    const { plan, run } = this.#options;
    const [first] = this.#commons;
    if (first === undefined) throw new Error('there is no partial to merge');
    const runs = this.#commons.map((common) => common.run);
    const times = this.#commons.map((common) => common.times);
    const startedMs = minOf(times.map(({ startedMs }) => startedMs));
    const probed =
      given.probed !== undefined && startedMs - given.probed.toMs < APART_MS ? given.probed : null;
    const trafficEndedAtMs = greatestOf(times.map(({ trafficEndedMs }) => trafficEndedMs));
    this.#rollup.close();
    const record: RunRecord = {
      id: given.id,
      plan,
      environment: environmentOf(this.#commons),
      stage: first.run.stage,
      startedAtMs: Math.min(startedMs, probed?.fromMs ?? startedMs),
      trafficEndedAtMs,
      // Merging is no part of the run: the same partials come to the same result whenever they are merged.
      endedAtMs: trafficEndedAtMs,
      measuredFromMs: run.startMs + plan.warmupMs,
      measuredMs: greatestOf(times.map(({ measuredMs }) => measuredMs)),
      interruption: interruptionOf(fleet),
      rollup: this.#rollup,
      metrics: null,
      metricsProblem: first.run.stage.kind === 'url' ? null : 'merging reads none',
      stageHasMetrics: first.run.stage.kind !== 'url',
      ...probesOf(runs, probed),
      hostBusy: greatestKnown(runs.map(({ hostBusy }) => hostBusy)),
      stealShare: greatestKnown(runs.map(({ stealShare }) => stealShare)),
      stageChange: runs.find(({ stageChange }) => stageChange !== null)?.stageChange ?? null,
      sharesMachine: runs.some(({ sharesMachine }) => sharesMachine),
    };
    return { record, fleet };
  }

  #facts(): FleetFacts {
    const { run, plan } = this.#options;
    const indices = Array.from({ length: run.of }, (_, index) => index);
    const missing = indices.filter((index) => !this.#digests.has(index));
    return {
      schema: 1,
      kind: 'fleet',
      runId: run.runId,
      planHash: run.planHash,
      of: run.of,
      startAt: new Date(run.startMs).toISOString(),
      missing,
      missingShare: missing.length === 0 ? null : missingShare(plan, missing, run.of),
      clockSpreadMs: clockSpreadMs(this.#commons.map(({ clock }) => clock)),
      clocksApartMs: clocksApartMs(this.#commons.map(({ clock }) => clock)),
      programs: [...new Set(this.#commons.map(({ environment }) => programText(environment)))].sort(),
      rejected: this.#rejected,
      workers: [...this.#workers].sort((left, right) => left.index - right.index),
    };
  }
}

/** Of the workers, and of whoever asked for them. How many were not answered is known when all say so. */
function probesOf(
  runs: readonly FleetPartial['run'][],
  probed: Probed | null,
): Pick<RunRecord, 'probes' | 'unansweredProbes' | 'throttledProbes'> {
  const probes = runs.reduce((sum, { probes }) => sum + probes, probed?.sent ?? 0);
  const throttled = runs.reduce(
    (sum, { throttledProbes = 0 }) => sum + throttledProbes,
    probed?.throttled ?? 0,
  );
  const all = { probes, ...(throttled === 0 ? {} : { throttledProbes: throttled }) };
  if (runs.some(({ unansweredProbes }) => unansweredProbes === undefined)) return all;
  const unanswered = runs.reduce((sum, run) => sum + run.unansweredProbes!, probed?.unanswered ?? 0);
  return { ...all, unansweredProbes: unanswered };
}

/** In what the partial is of another run, as a clause; null when it is of this one. */
function foreignness(identity: PartialIdentity, run: RunIdentity): string | null {
  if (identity.runId !== run.runId) return `it is of run ${identity.runId}`;
  if (identity.planHash !== run.planHash) return `its plan is another: ${identity.planHash.slice(0, 12)}…`;
  if (identity.of !== run.of) return `it is one of ${identity.of} workers, not of ${run.of}`;
  if (identity.index >= run.of) return `there is no worker ${identity.index} of ${run.of}`;
  if (identity.startMs !== run.startMs)
    return `its schedule started at ${new Date(identity.startMs).toISOString()}`;
  return null;
}

/** What all workers say, or each different answer once. Calibrations are of one machine, so the merged run has none. */
function environmentOf(commons: readonly Common[]): RunRecord['environment'] {
  const environments = commons.map(({ environment }) => environment);
  const said = (name: 'node' | 'os' | 'cpus' | 'version') =>
    [...new Set(environments.map((environment) => environment[name]))].sort().join(' | ');
  const commits = new Set(environments.map(({ commit }) => commit));
  const { threads, seed } = environments[0]!;
  return {
    node: said('node'),
    os: said('os'),
    cpus: said('cpus'),
    version: said('version'),
    commit: commits.size === 1 ? environments[0]!.commit : null,
    threads,
    seed,
  };
}

function programText({ version, commit, node }: RunRecord['environment']): string {
  return `${version}${commit === null ? '' : `, commit ${commit.slice(0, 12)}`}, Node ${node}`;
}

/** Why the merged run is not whole; null when it is. */
function interruptionOf({ missing, missingShare: share, of, workers }: FleetFacts): string | null {
  const reasons: string[] = [];
  if (share !== null) {
    const messages =
      share.messages === null ? '' : ` and ${share.messages} of ${share.messagesOfAll} messages`;
    reasons.push(
      `${named(missing)} of ${of} did not report: ${share.connections} of ${share.connectionsOfAll} connections${messages} are missing`,
    );
  }
  const cut = workers.filter(({ interruption }) => interruption !== null);
  if (cut.length > 0)
    reasons.push(`${named(cut.map(({ index }) => index))} ended early: ${cut[0]!.interruption}`);
  return reasons.length === 0 ? null : reasons.join('; ');
}

/** Indices shown in a sentence. */
const MAX_NAMED = 10;

function named(indices: readonly number[]): string {
  const shown = indices.slice(0, MAX_NAMED).join(', ');
  const more = indices.length > MAX_NAMED ? ` and ${indices.length - MAX_NAMED} more` : '';
  return `${indices.length === 1 ? 'worker' : 'workers'} ${shown}${more}`;
}

function minOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function greatestOf(values: readonly number[]): number {
  return values.reduce((greatest, value) => Math.max(greatest, value), Number.NEGATIVE_INFINITY);
}

function greatestKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : greatestOf(known);
}

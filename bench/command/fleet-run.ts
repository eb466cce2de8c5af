/**
 * `bench fleet run`: the same run on many machines. The plan goes to the store, an array job to the engine; when all workers
 * wait, they are told one start; then their partials are merged. Before the start nothing is measured, so a fleet that does
 * not come together ends without a result; after it whatever was measured is kept, and what is missing is said.
 */
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { NothingMeasured } from '../drive/probe-stage.ts';
import type { Engine, FleetJob } from '../fleet/engine.ts';
import { PLAN_NAME, putRun, putStage, putStart, withdrawRun } from '../fleet/fleet-files.ts';
import { planHashOf, settingsOfPlan } from '../fleet/fleet-plan-file.ts';
import { openEngine } from '../fleet/open-engine.ts';
import { openStore } from '../fleet/open-store.ts';
import { type Store, within } from '../fleet/store.ts';
import { type Fleet, FleetDisplay, isOver, isReady, look, type Watched } from '../fleet/watch.ts';
import { elsewhereText } from '../judge/fleet-check.ts';
import type { Probed } from '../measure/fleet/merge.ts';
import { leadMs } from '../measure/fleet/worker-share.ts';
import { Interrupted, OperatingError } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import { systemClock } from '../node/clock.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import { runIdOf } from '../node/run-directory.ts';
import type { Loudness } from './closing.ts';
import type { Given } from './flags.ts';
import { COLLECT_MS, drivenMs, foreseenCost, taskMs, workersCost } from './fleet-cost.ts';
import { type MergeContext, mergeInto } from './fleet-merge.ts';
import { type FLEET_FLAGS, type FleetOptions, parseFleet } from './fleet-options.ts';
import { askStage, openFleetStage, readyFleetStage } from './fleet-stage.ts';
import { type Interruption, listenForInterruption } from './interruption.ts';
import { pricingOf } from './pricing.ts';
import type { Reporting } from './run.ts';
import { newRunId } from './run-once.ts';
import type { OpenStage } from './stage.ts';
import { TOLD, workerPatienceMs } from './worker-options.ts';

/** A look costs the store a request per worker: so often at most, and less where progress is told less often. */
const LOOK_MS = 1_000;

/** What workers that were cancelled get to save what they measured: engines kill 30 s after they passed the signal on. */
const CANCEL_MS = 60_000;

/** A task that ended may have a partial that the store does not show yet. */
const SETTLE_LOOKS = 2;

/** Runs and answers the exit code. */
export async function fleetRunCommand(
  given: Given<typeof FLEET_FLAGS>,
  reporting: Reporting,
): Promise<number> {
  const options = parseFleet(given);
  const { flags } = options;
  const teller = tellerOf(flags);
  const interruption = listenForInterruption();
  const { signal: interrupted } = interruption;
  let stage: OpenStage | null = null;
  try {
    stage = await openFleetStage(options, interrupted);
    const id = newFleetId(options.plan);
    const engine = await openEngine(flags.engine, {
      arguments: flags.engineArg ?? [],
      directory: path.join(PACKAGE_ROOT, 'reports', 'runs', 'fleet', id.id),
    });
    const { priced, lines } = await foreseenCost({ options, engine, stage });
    const probed =
      stage === null ? undefined : await readyFleetStage({ stage, interrupted, say: teller.say }, options);
    const fleet = await submitted({ options, stage, engine, id, probed }, teller);
    const submittedMs = systemClock.now();
    for (const line of lines) teller.say(line);
    const ready = await begun(fleet, options, interruption, teller);
    const workers = await finished(fleet, options, interruption, teller, ready);
    for (const worker of workers.filter(({ hasPartial }) => !hasPartial))
      teller.say(await describeFailure(fleet, worker));
    const lifeMs = systemClock.now() - submittedMs;
    const cost = priced === null ? null : workersCost(priced, { workers: fleet.of, ms: lifeMs });
    const context = {
      interrupted,
      ...(cost === null ? {} : { workersCost: cost }),
      ...(stage === null ? {} : stageContext(stage, interrupted, teller)),
    };
    const isNothing = workers.every((worker) => isOver(worker) && !worker.hasPartial);
    return await mergeInto(fleet.store, flags, reporting, context).catch(async (error: unknown) => {
      throw isNothing ? await withdrawn(fleet.store, error) : error;
    });
  } catch (error) {
    if (error instanceof NothingMeasured) throw new Interrupted('Interrupted before anything was measured.');
    throw error;
  } finally {
    interruption.dispose();
    await stage?.close();
  }
}

/** All wait, and are told the start. Where that can't be, nothing was measured, and nothing of it stays in the store. */
async function begun(
  fleet: Fleet,
  options: FleetOptions,
  interruption: Interruption,
  teller: Teller,
): Promise<Watched[]> {
  try {
    const ready = await gathered(fleet, options, interruption, teller);
    await orCancelled(putStart(fleet.store, fleet.runId, nowMs() + leadMs(options.plan)), fleet);
    return ready;
  } catch (error) {
    throw await withdrawn(fleet.store, error);
  }
}

/** Takes the run's files out of the store; the error says which of them stay. */
async function withdrawn(store: Store, error: unknown): Promise<unknown> {
  const left = await withdrawRun(store);
  if (left.length > 0 && error instanceof Error)
    error.message += `\nLeft in ${store.uri}, as it could not be removed: ${left.join(', ')}`;
  return error;
}

/** Who tells people how it goes. */
interface Teller {
  say(line: string): void;
  show(workers: readonly Watched[]): void;
}

function tellerOf({ quiet, json }: Loudness): Teller {
  if (quiet || json) return { say() {}, show() {} };
  const display = new FleetDisplay(process.stderr);
  return { say: (line) => display.note(line), show: (workers) => display.show(workers, nowMs()) };
}

function stageContext(stage: OpenStage, interrupted: AbortSignal, { say }: Teller): MergeContext {
  return {
    askStage: (record) => askStage({ stage, interrupted, say }, record),
    pricing: pricingOf({ pricesPath: null, templateText: stage.templateText ?? null }),
  };
}

function nowMs(): number {
  return systemClock.epochAt(systemClock.now());
}

interface Prepared {
  readonly options: FleetOptions;
  readonly stage: OpenStage | null;
  readonly engine: Engine;
  readonly id: FleetId;
  readonly probed: Probed | undefined;
}

/** Names of a run before there is one. */
interface FleetId {
  readonly runId: string;
  /** Of its directories. */
  readonly id: string;
}

function newFleetId({ name }: Plan): FleetId {
  const runId = newRunId();
  return { runId, id: runIdOf(name, nowMs(), runId) };
}

/** Puts the plan where the workers find it, and submits them. What can't be submitted leaves nothing in the store. */
async function submitted(
  { options, stage, engine, id: { runId, id }, probed }: Prepared,
  { say }: Teller,
): Promise<Fleet> {
  const { plan } = options;
  const { engine: engineName, workers, store: root } = options.flags;
  const store = await openStore(within((await openStore(root)).uri, id));
  const region = await engine.region?.();
  const run = { runId, planHash: planHashOf(plan), of: workers, engine: engineName, region, probed };
  if (stage !== null) sayElsewhere(region, stage.facts.region, say);
  try {
    await store.put(
      PLAN_NAME,
      new TextEncoder().encode(`${JSON.stringify(settingsOfPlan(plan), null, 2)}\n`),
    );
    if (stage !== null) await putStage(store, stage.facts);
    await putRun(store, { ...run, job: null });
    const job = await engine.submit(submissionOf(options, store, runId));
    const fleet = { engine, store, runId, job, of: workers };
    await orCancelled(putRun(store, { ...run, job }), fleet);
    say(`${plan.name}: ${workers} workers on ${engineName}, job ${job}; partials in ${store.uri}`);
    return fleet;
  } catch (error) {
    throw await withdrawn(store, error);
  }
}

function sayElsewhere(workers: string | undefined, stack: string | null, say: (line: string) => void): void {
  if (workers === undefined || stack === null || workers === stack) return;
  const { text, advice } = elsewhereText(workers, stack);
  say(`warning: ${text} ${advice}`);
}

function submissionOf({ plan, flags }: FleetOptions, store: Store, runId: string): FleetJob {
  const { workers, patience: patienceMs } = flags;
  const command = [
    ...['worker', '--plan', within(store.uri, PLAN_NAME), '--of', String(workers), '--run-id', runId],
    ...['--start-at', TOLD, '--patience', `${workerPatienceMs(patienceMs)}ms`, '--out', store.uri],
  ];
  return {
    ...{ name: `bench-${runId}`, of: workers, command },
    limitSeconds: Math.ceil(taskMs(plan, patienceMs) / 1000),
  };
}

/**
 * Waits until all workers wait, and says what keeps tasks from running. Cancels the job and throws when they don't come, one
 * has failed, or nobody wants them to.
 */
async function gathered(
  fleet: Fleet,
  { flags: { patience: patienceMs } }: FleetOptions,
  { signal }: Interruption,
  { show, say }: Teller,
): Promise<Watched[]> {
  const untilMs = nowMs() + patienceMs;
  const told = new Set<string>();
  for (;;) {
    const workers = await orCancelled(look(fleet), fleet);
    show(workers);
    if (workers.every(isReady)) return workers;
    const holdups = workers.some(({ task }) => task === 'queued') ? holdupsOf(fleet) : [];
    for (const holdup of holdups.filter((one) => !told.has(one))) say(holdup);
    for (const holdup of holdups) told.add(holdup);
    const dead = workers.find(isOver);
    const isLate = nowMs() >= untilMs;
    if (dead === undefined && !isLate && !signal.aborted) {
      await pause(lookMs(fleet), signal);
      continue;
    }
    const failureText = dead === undefined ? '' : await describeFailure(fleet, dead);
    const end = await ended(fleet);
    if (signal.aborted) throw new Interrupted(`Interrupted before anything was measured; ${end}.`);
    if (dead !== undefined) throw new OperatingError(`${failureText}\nNothing was measured; ${end}.`);
    const ready = workers.filter(isReady).length;
    throw new OperatingError(
      [
        `${ready} of ${fleet.of} workers had come after ${patienceMs / 1000} s; nothing was measured and ${end}. Free more of the cluster, ask for fewer, or give them longer with --patience.`,
        ...holdups,
      ].join('\n'),
    );
  }
}

function holdupsOf({ engine, job }: Fleet): readonly string[] {
  return engine.holdups?.(job) ?? [];
}

/** Cancels the job, and says whether that is so. */
async function ended({ engine, job }: Fleet): Promise<string> {
  try {
    await engine.cancel(job);
    return 'the job was cancelled';
  } catch (error) {
    return `job ${job} could not be cancelled (${(error as Error).message}): cancel it by hand`;
  }
}

/** What has to be done before the start. Where it can't be, nobody needs the job any more. */
async function orCancelled<T>(doing: Promise<T>, fleet: Fleet): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw new OperatingError(`${(error as Error).message}\nNothing was measured; ${await ended(fleet)}.`);
  }
}

/** Waits until nothing more will come. A store that can't be asked for a moment does not end the watch. */
async function finished(
  fleet: Fleet,
  { plan }: FleetOptions,
  { signal }: Interruption,
  { show, say }: Teller,
  before: Watched[],
): Promise<Watched[]> {
  let untilMs = nowMs() + drivenMs(plan) + COLLECT_MS;
  let isCancelled = false;
  let settled = 0;
  const looked = onlooker(fleet, before, say);
  for (;;) {
    const { workers, problem } = await looked();
    show(workers);
    if (workers.every(({ hasPartial }) => hasPartial)) return workers;
    settled = workers.every(isOver) ? settled + 1 : 0;
    if (settled > SETTLE_LOOKS || nowMs() >= untilMs) {
      if (!isCancelled) await fleet.engine.cancel(fleet.job).catch(() => {});
      if (problem !== null) throw unseen(fleet, problem);
      return workers;
    }
    if (signal.aborted && !isCancelled) {
      isCancelled = true;
      untilMs = nowMs() + CANCEL_MS;
      say(
        `Interrupted: ${await ended(fleet)}. Merging what the workers save; Ctrl-C again ends without waiting for them.`,
      );
    }
    await pause(lookMs(fleet), isCancelled ? undefined : signal);
  }
}

/** Looks as long as the store answers; where it doesn't, what was seen last stands, and the reason is said once. */
function onlooker(fleet: Fleet, before: Watched[], say: (line: string) => void) {
  let last: { readonly workers: Watched[]; readonly problem: string | null } = {
    workers: before,
    problem: null,
  };
  return async () => {
    try {
      last = { workers: await look(fleet), problem: null };
    } catch (error) {
      const { message } = error as Error;
      if (message !== last.problem)
        say(`${message}\nThe workers have their start and go on by themselves; the store is asked again.`);
      last = { ...last, problem: message };
    }
    return last;
  };
}

/** Nobody knows what the workers left: that is not to say that they left nothing. */
function unseen({ store }: Fleet, problem: string): OperatingError {
  return new OperatingError(
    `${problem}\nWhat the workers measured is in the store. When it can be read again: bench fleet merge ${store.uri}`,
  );
}

function lookMs({ store }: Fleet): number {
  return Math.max(LOOK_MS, store.progressMs / 2);
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => {});
}

/** Why a worker left nothing. */
async function describeFailure({ engine, job }: Fleet, { index, progress }: Watched): Promise<string> {
  const reason = progress?.reason ? `: ${progress.reason}` : '';
  return `worker ${index} left no result${reason}; see ${await engine.logs(job, index).catch(() => 'its log')}`;
}

/**
 * `bench fleet run`: the same run on many machines. The plan goes to the store, an array job to the engine; when all workers
 * wait, they are told one start; then their partials are merged. Before the start nothing is measured, so a fleet that does
 * not come together ends without a result; after it whatever was measured is kept, and what is missing is said.
 */
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { leadMs } from '../core/fleet/worker-share.ts';
import { isStackStage } from '../core/stage-name.ts';
import { systemClock } from '../edge/clock.ts';
import { PACKAGE_ROOT } from '../edge/machine.ts';
import { runIdOf } from '../edge/run-directory.ts';
import { FleetDisplay } from '../fleet/display.ts';
import { EngineError } from '../fleet/engine.ts';
import { PLAN_NAME, putRun, putStage, putStart } from '../fleet/fleet-files.ts';
import { openEngine } from '../fleet/open-engine.ts';
import { openStore } from '../fleet/open-store.ts';
import { planHashOf, settingsOfPlan } from '../fleet/plan-identity.ts';
import { within } from '../fleet/store.ts';
import { type Fleet, isOver, isReady, look, type Watched } from '../fleet/watch.ts';
import { EXIT, Interrupted, OperatingError } from './exit.ts';
import { mergeInto } from './fleet-merge.ts';
import { type FleetArguments, type FleetOptions, parseFleet } from './fleet-options.ts';
import { type Interruption, listenForInterruption } from './interruption.ts';
import { newRunId } from './measuring.ts';
import type { Reporting } from './run.ts';
import { openStage } from './stage.ts';
import { TOLD } from './worker-options.ts';

/** A look costs the store a request per worker. */
const LOOK_MS = 1_000;

/** After the drain: to write the partial, and for a store to show it. */
const COLLECT_MS = 60_000;

/** What workers that were cancelled get to save what they measured; engines kill after 30 s. */
const CANCEL_MS = 30_000;

/** A task that ended may have a partial that the store does not show yet. */
const SETTLE_LOOKS = 2;

/** Runs and answers the exit code. */
export async function fleetRunCommand(given: FleetArguments, reporting: Reporting): Promise<number> {
  const options = parseFleet(given);
  const say = (line: string) => {
    if (!given.quiet && !given.json) process.stderr.write(`${line}\n`);
  };
  const interruption = listenForInterruption(() => process.exit(EXIT.interrupted));
  try {
    const fleet = await submitted(options, given, say);
    const display = new FleetDisplay(process.stderr);
    const show = (workers: readonly Watched[]) => {
      if (!given.quiet && !given.json) display.show(workers, nowMs());
    };
    await gathered(fleet, options, interruption, show);
    await putStart(fleet.store, fleet.runId, nowMs() + leadMs(options.plan));
    const workers = await finished(fleet, options, interruption, show);
    for (const worker of workers.filter(({ hasPartial }) => !hasPartial)) say(await obituary(fleet, worker));
    return await mergeInto(fleet.store, given, reporting, { interrupted: interruption.signal.aborted });
  } catch (error) {
    throw error instanceof EngineError ? new OperatingError(error.message) : error;
  } finally {
    interruption.dispose();
  }
}

function nowMs(): number {
  return systemClock.epochAt(systemClock.now());
}

/** Puts the plan where the workers find it, and submits them. */
async function submitted(
  { plan, engine: engineName, workers, store: root }: FleetOptions,
  given: FleetArguments,
  say: (line: string) => void,
): Promise<Fleet> {
  const id = runIdOf(plan.name, nowMs());
  const runId = newRunId();
  const store = await openStore(within((await openStore(root)).uri, `${id}-${runId.slice(0, 4)}`));
  const directory = path.join(PACKAGE_ROOT, 'reports', 'runs', 'fleet', id);
  const engine = await openEngine(engineName, { arguments: given.engineArguments, directory });
  await store.put(PLAN_NAME, new TextEncoder().encode(`${JSON.stringify(settingsOfPlan(plan), null, 2)}\n`));
  if (isStackStage(plan)) await putStage(store, await factsOf(plan));
  const run = { runId, planHash: planHashOf(plan), of: workers, engine: engineName };
  await putRun(store, { ...run, job: null });
  const command = [
    ...['worker', '--plan', within(store.uri, PLAN_NAME), '--of', String(workers), '--run-id', runId],
    ...['--start-at', TOLD, '--out', store.uri],
  ];
  const job = await engine.submit({ name: `bench-${runId}`, of: workers, command });
  await putRun(store, { ...run, job });
  say(`${plan.name}: ${workers} workers on ${engineName}, job ${job}; partials in ${store.uri}`);
  return { engine, store, runId, job, of: workers };
}

async function factsOf(plan: FleetOptions['plan']) {
  const stage = await openStage({ plan, log: () => {}, metricsWaitMs: null });
  await stage.close();
  return stage.facts;
}

/** Waits until all workers wait. Cancels the job and throws when they don't come, one has failed, or nobody wants them to. */
async function gathered(
  fleet: Fleet,
  { patienceMs }: FleetOptions,
  { signal }: Interruption,
  show: (workers: readonly Watched[]) => void,
): Promise<void> {
  const untilMs = nowMs() + patienceMs;
  for (;;) {
    const workers = await look(fleet);
    show(workers);
    if (workers.every(isReady)) return;
    const dead = workers.find(isOver);
    const isLate = nowMs() >= untilMs;
    if (dead === undefined && !isLate && !signal.aborted) {
      await pause(LOOK_MS, signal);
      continue;
    }
    await fleet.engine.cancel(fleet.job);
    if (signal.aborted)
      throw new Interrupted('Interrupted before anything was measured; the job was cancelled.');
    if (dead !== undefined)
      throw new OperatingError(
        `${await obituary(fleet, dead)}\nNothing was measured; the job was cancelled.`,
      );
    const ready = workers.filter(isReady).length;
    throw new OperatingError(
      `${ready} of ${fleet.of} workers had come after ${patienceMs / 1000} s; nothing was measured and the job was cancelled. Free more of the cluster, ask for fewer, or give them longer with --patience.`,
    );
  }
}

/** Waits until nothing more will come. */
async function finished(
  fleet: Fleet,
  { plan }: FleetOptions,
  { signal }: Interruption,
  show: (workers: readonly Watched[]) => void,
): Promise<Watched[]> {
  const plannedMs = leadMs(plan) + plan.warmupMs + plan.durationMs + plan.drainMs;
  let untilMs = nowMs() + plannedMs + COLLECT_MS;
  let isCancelled = false;
  let settled = 0;
  for (;;) {
    const workers = await look(fleet);
    show(workers);
    if (workers.every(({ hasPartial }) => hasPartial)) return workers;
    settled = workers.every(isOver) ? settled + 1 : 0;
    if (settled > SETTLE_LOOKS || nowMs() >= untilMs) {
      if (!isCancelled) await fleet.engine.cancel(fleet.job).catch(() => {});
      return workers;
    }
    if (signal.aborted && !isCancelled) {
      isCancelled = true;
      untilMs = nowMs() + CANCEL_MS;
      await fleet.engine.cancel(fleet.job);
    }
    await pause(LOOK_MS, isCancelled ? undefined : signal);
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => {});
}

/** Why a worker left nothing. */
async function obituary({ engine, job }: Fleet, { index, progress }: Watched): Promise<string> {
  const reason = progress?.reason ? `: ${progress.reason}` : '';
  return `worker ${index} left no result${reason}; see ${await engine.logs(job, index).catch(() => 'its log')}`;
}

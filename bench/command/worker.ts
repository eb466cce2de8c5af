/**
 * `bench worker`: one machine's share of a run. It takes the streams that are its own of the plan's one schedule, opens
 * them at its part of the connect rate, starts the schedule at the agreed time, and leaves one file with what it measured.
 * The others are nothing to it: whatever becomes of them, its share is whole. One that comes late does not move the
 * schedule: it sends what was due at once, counts it as due when it was, and says by how much it came late.
 */
import { createHash } from 'node:crypto';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { NothingMeasured } from '../drive/probe-stage.ts';
import { type AgreedStart, agreedStart, probeClock, type StartOptions } from '../fleet/agreed-start.ts';
import { stageIn } from '../fleet/fleet-files.ts';
import {
  parseFleetPlan,
  planHashOf,
  readPlanAt,
  settingsOfPlan,
  travelProblems,
} from '../fleet/fleet-plan-file.ts';
import { openStore } from '../fleet/open-store.ts';
import { packPartial } from '../fleet/partial-file.ts';
import type { Store } from '../fleet/store.ts';
import { WorkerReporter } from '../fleet/worker-reporter.ts';
import { type FleetPartial, PARTIAL_SCHEMA, partialName } from '../measure/fleet/partial.ts';
import { connectionsOf, openAt, threadShares } from '../measure/fleet/worker-share.ts';
import type { RunRecord } from '../measure/record.ts';
import { assertNone, Interrupted, OperatingError } from '../model/failure.ts';
import { writeWholeFile } from '../node/bounded-file.ts';
import { systemClock } from '../node/clock.ts';
import { writeOrElsewhere } from '../node/directory.ts';
import type { ParsedPlan } from '../node/plan-file.ts';
import { note } from '../node/terminal.ts';
import type { Assignment, ShareListener, Stage, Worker } from '../ports.ts';
import { EXIT } from './exit.ts';
import type { Given } from './flags.ts';
import { type Interruption, listenForInterruption } from './interruption.ts';
import { planPath } from './plan-path.ts';
import { drive } from './run-once.ts';
import { checkSocketLimits } from './socket-limits.ts';
import { mute, openStage, withMetrics } from './stage.ts';
import { parseWorker, type WORKER_FLAGS, type WorkerOptions } from './worker-options.ts';

interface Working extends ParsedPlan, Pick<WorkerOptions, 'share'> {
  readonly store: Store;
  readonly runId: string;
  readonly planHash: string;
  readonly startMs: number;
  readonly clock: FleetPartial['clock'];
}

/** Drives the share and answers the exit code. */
export async function workerCommand(given: Given<typeof WORKER_FLAGS>): Promise<number> {
  const options = parseWorker(given, process.env);
  const store = await openStore(given.flags.out);
  const parsed = parseFleetPlan(await readPlanAt(planPath(given.flags.plan)), {}, process.env);
  const { plan } = parsed;
  const problems = travelProblems(plan, options.share.of);
  assertNone(problems);
  checkSocketLimits({ ...plan, connections: connectionsOf(plan.connections, options.share) });
  const planHash = planHashOf(plan);
  const runId = options.runId ?? commonRunId(planHash, options.start);
  // Takes a second and more on some stores, and finds those that can't be written: done before anyone can think that this
  // worker is ready.
  const clock = await probeClock(store, systemClock, `clock-${options.share.index}-${process.pid}`);
  const reporter = new WorkerReporter({ store, runId, index: options.share.index });
  const interruption = listenForInterruption();
  try {
    const startMs = await startOf({ ...options, plan, store, runId }, interruption.signal);
    const working = { ...parsed, share: options.share, store, runId, planHash, startMs, clock };
    const code = await worked(working, reporter, interruption);
    await reporter.end('done');
    return code;
  } catch (error) {
    await reporter.end('failed', (error as Error).message);
    if (interruption.signal.aborted && error instanceof NothingMeasured)
      throw new Interrupted(`${error.message}; nothing was saved`);
    throw error;
  } finally {
    interruption.dispose();
  }
}

/** Workers that were told neither a run id nor anything else in common agree on one by what they do. */
function commonRunId(planHash: string, start: AgreedStart): string {
  const text = `${planHash} ${start.kind === 'at' ? start.startMs : ''}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** As {@link agreedStart}, of this machine's clock. */
async function startOf(options: StartOptions, interrupted: AbortSignal): Promise<number> {
  const startMs = await agreedStart(options, {
    now: () => systemClock.now(),
    epochMs: nowMs,
    pause: (ms) => wait(ms, undefined, { signal: interrupted }).catch(() => {}),
    interrupted,
  });
  if (startMs === null) throw new NothingMeasured('interrupted while it waited for the others');
  return startMs;
}

async function worked(
  working: Working,
  reporter: WorkerReporter,
  { signal: interrupted }: Interruption,
): Promise<number> {
  const { store, plan } = working;
  const ready = { atMs: Number.NaN };
  const stage = await stageOf(working, interrupted);
  let saved = '';
  try {
    const record = await drive({
      ...{ plan, stage, headers: working.headers, query: working.query, interrupted, observer: reporter },
      id: working.runId,
      runId: working.runId,
      newWorker: (assignment, listener, start) => newThread(working, assignment, listener, start),
      startAt: () => Promise.resolve(started(working, ready)),
      measured: async (record) => {
        saved = await save(store, partialOf(working, record, ready.atMs));
      },
    });
    if (record.stageChange !== null)
      await store.put(saved, await packPartial(partialOf(working, record, ready.atMs)));
    const cut = record.interruption === null ? EXIT.ok : EXIT.invalid;
    return interrupted.aborted ? EXIT.interrupted : cut;
  } finally {
    await stage.close();
  }
}

/** The stage as the fleet's command found it, or as this machine finds it. Metrics are for whoever merges. */
async function stageOf({ store, plan }: Working, interrupted: AbortSignal): Promise<Stage> {
  const facts = await stageIn(store);
  if (facts !== null) return mute(facts);
  // A thousand workers would send a thousand probes; a URL is only connected to.
  const opened = await openStage({ plan, log: () => {}, metricsWaitMs: null, interrupted });
  const { echoWithinMs, readiness: _, ...stage } = withMetrics(opened, false);
  return stage.facts.kind === 'url' || echoWithinMs === undefined ? stage : { ...stage, echoWithinMs };
}

/** A driver thread whose share is a part of the worker's, and that opens when it is time. */
function newThread(
  { share, plan, startMs }: Working,
  assignment: Assignment,
  listener: ShareListener,
  start: (assignment: Assignment, listener: ShareListener) => Worker,
): Worker {
  const own = threadShares(share, plan.threads)[assignment.share.index]!;
  const thread = start({ ...assignment, share: own }, listener);
  const stop = new AbortController();
  return {
    async open() {
      await until(openAt(plan, startMs), stop.signal);
      await thread.open();
    },
    drive: (startEpochMs) => thread.drive(startEpochMs),
    interrupt() {
      stop.abort();
      thread.interrupt();
    },
  };
}

/** Waits for a moment, UTC milliseconds, or the signal. Timers hold 24 days at most, and a start may be as far away. */
async function until(epochMs: number, stop: AbortSignal): Promise<void> {
  const HOUR_MS = 3_600_000;
  for (;;) {
    const leftMs = epochMs - nowMs();
    if (leftMs <= 0 || stop.aborted) return;
    await wait(Math.min(leftMs, HOUR_MS), undefined, { signal: stop }).catch(() => {});
  }
}

function nowMs(): number {
  return systemClock.epochAt(systemClock.now());
}

/** All is open: the schedule's start as a reading of the clock, even when it has passed. Throws when all of it has. */
function started({ plan, startMs }: Working, ready: { atMs: number }): number {
  ready.atMs = nowMs();
  if (ready.atMs >= startMs + plan.warmupMs + plan.durationMs)
    throw new NothingMeasured(
      `ready ${Math.round(ready.atMs - startMs)} ms after the start, when everything had been due`,
    );
  const lateMs = ready.atMs - startMs;
  if (lateMs > 0)
    note(
      `warning: ready ${(lateMs / 1000).toFixed(3)} s after the agreed start: what was due before is sent at once, and counted as late`,
    );
  return startMs - systemClock.epochAt(0);
}

function partialOf(working: Working, record: RunRecord, readyMs: number): FleetPartial {
  const { plan, share, runId, planHash, startMs, clock } = working;
  return {
    schema: PARTIAL_SCHEMA,
    kind: 'fleet partial',
    identity: { runId, planHash, ...share, startMs },
    plan: settingsOfPlan(plan),
    headerNames: plan.headerNames,
    host: hostname(),
    environment: record.environment,
    clock,
    times: {
      startedMs: record.startedAtMs,
      readyMs,
      latenessMs: Math.max(0, readyMs - startMs),
      trafficEndedMs: record.trafficEndedAtMs,
      measuredMs: record.measuredMs,
    },
    run: {
      interruption: record.interruption,
      stage: record.stage,
      probes: record.probes,
      unansweredProbes: record.unansweredProbes,
      throttledProbes: record.throttledProbes,
      stageChange: record.stageChange,
      sharesMachine: record.sharesMachine,
      hostBusy: record.hostBusy,
      stealShare: record.stealShare ?? null,
    },
    part: record.rollup.toPart(),
  };
}

/**
 * Saves it beside an earlier attempt's, never over it: two reports of one share are for the merge to judge. Returns its
 * name in the store.
 */
async function save(store: Store, partial: FleetPartial): Promise<string> {
  const bytes = await packPartial(partial);
  const { index } = partial.identity;
  const name = partialName(index);
  try {
    if (await store.add(name, bytes)) return name;
    const another = partialName(index, `${hostname()}-${process.pid}`.replaceAll(/[^\w-]/g, '-'));
    await store.put(another, bytes);
    note(
      `warning: ${store.uri} has a partial of worker ${index} already; this one is ${another}, and a merge counts the first`,
    );
    return another;
  } catch (error) {
    const refused = `${store.uri} could not take the partial (${(error as Error).message})`;
    const { directory: place, trouble } = await writeOrElsewhere(
      path.join(tmpdir(), `bench-${partial.identity.runId}`),
      (at) => writeWholeFile(path.join(at, name), bytes),
    );
    throw new OperatingError(
      place === null
        ? `${refused}. ${trouble}`
        : `${refused}; it is in ${path.join(place, name)} of ${hostname()}: copy it there and merge`,
    );
  }
}

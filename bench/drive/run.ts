/**
 * One run, from the probe to its record: probe · open · warm up · measure · drain · read the metrics. Everything with an
 * effect is given. A run that is interrupted, or loses a worker, ends early and says so; what was measured is kept.
 */
import { expectedRecords, type RunRecord } from '../measure/record.ts';
import { Rollup } from '../measure/rollup.ts';
import { counted } from '../model/counted.ts';
import type { FaultTally } from '../model/fault.ts';
import type { Plan } from '../model/plan.ts';
import type { Assignment, Clock, Dialer, RunObserver, ShareListener, Stage, Worker } from '../ports.ts';
import { type Patience, patienceWithStage, patienceWithWorkers } from './patience.ts';
import { addressOf, NothingMeasured, probeStage } from './probe-stage.ts';

/** Time between the order to start and the start, so that every worker has the order before it. */
const START_NOTICE_MS = 250;

/** Measures how busy the machine is between two calls: the share of all processors' time, or null. */
export type HostMeter = () => number | null;

export interface RunOptions {
  readonly plan: Plan;
  readonly stage: Stage;
  readonly sharesMachine: boolean;
  readonly id: string;
  readonly runId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Query of the stage's URL, which its facts have masked. */
  readonly query?: string;
  readonly environment: RunRecord['environment'];
  readonly clock: Clock;
  readonly dialer: Dialer;
  readonly newWorker: (assignment: Assignment, listener: ShareListener) => Worker;
  readonly hostMeter: HostMeter;
  /** The same of the time that a hypervisor withholds. */
  readonly stealMeter?: HostMeter;
  readonly observer: RunObserver;
  /** Aborted when the user interrupts the run. */
  readonly interrupted: AbortSignal;
  /**
   * When the schedule starts, a reading of the clock; asked when all connections are open. It may have passed: then what
   * was due is sent late and counted as due. Left out, it starts soon.
   */
  readonly startAt?: () => Promise<number>;
  /** Given the record before the stage is asked anything, which may take minutes: what happens then must not cost the run. */
  readonly measured?: (record: RunRecord) => void | Promise<void>;
}

/** What a record says whose metrics are still to be read. */
const NOT_READ = 'the driver ended before the metrics were read';

/** Runs the plan and resolves with its record. */
export async function run(options: RunOptions): Promise<RunRecord> {
  const { plan, clock, observer } = options;
  const rollup = new Rollup();
  const startedAtMs = clock.epochAt(clock.now());
  observer.phase('probing', rollup, clock.now());
  const probed = await probeStage(options);
  observer.phase('opening', rollup, clock.now());
  const workers = recruit(options, rollup);
  await open(options, workers, rollup);
  const driven = await drive(options, workers, rollup);
  rollup.close();
  const endedAtMs = clock.epochAt(clock.now());
  const { hasMetrics } = options.stage;
  const record: RunRecord = {
    id: options.id,
    plan,
    environment: options.environment,
    stage: options.stage.facts,
    startedAtMs,
    endedAtMs,
    trafficEndedAtMs: endedAtMs,
    ...driven,
    rollup,
    metrics: null,
    metricsProblem: hasMetrics ? NOT_READ : null,
    stageHasMetrics: hasMetrics,
    probes: probed.sent,
    unansweredProbes: probed.unanswered,
    throttledProbes: probed.throttled,
    stageChange: null,
    sharesMachine: options.sharesMachine,
  };
  await options.measured?.(record);
  if (hasMetrics) observer.phase('reading metrics', rollup, clock.now());
  const word = await wordOf(options, record);
  return { ...record, ...word, endedAtMs: clock.epochAt(clock.now()) };
}

type StageWord = Pick<RunRecord, 'metrics' | 'metricsProblem' | 'stageChange' | 'faultTallies'>;

/** What only the stage knows, asked when the run is safe. What it can't or won't say in time is told as not known. */
async function wordOf(options: RunOptions, record: RunRecord): Promise<StageWord> {
  const { stage, clock, interrupted } = options;
  const patience = patienceWithStage(stage, clock, interrupted);
  try {
    const [faultTallies, change] = await Promise.all([
      talliesOf(stage, patience),
      stageChange(stage, patience),
    ]);
    const asked = { ...record, ...(faultTallies === undefined ? {} : { faultTallies }) };
    const metrics = await readMetrics(options, asked, patience);
    return { ...metrics, stageChange: change, ...(faultTallies === undefined ? {} : { faultTallies }) };
  } finally {
    patience.close();
  }
}

/** A stage that is gone takes its count with it; the run has its own. */
async function talliesOf(stage: Stage, patience: Patience): Promise<readonly FaultTally[] | undefined> {
  return stage.faults === undefined ? undefined : patience.for(stage.faults()).catch(() => undefined);
}

/** A stage that can't be asked is not known to be the same. */
async function stageChange(stage: Stage, patience: Patience): Promise<string | null> {
  if (stage.changed === undefined) return null;
  return patience
    .for(stage.changed())
    .catch((error: Error) => `what it is now could not be asked: ${error.message}`);
}

function recruit(options: RunOptions, rollup: Rollup): Worker {
  const { plan, runId, headers, interrupted } = options;
  const url = addressOf(options);
  const shares = Array.from({ length: plan.threads }, (_, index) => ({ index, of: plan.threads }));
  const workers = shares.map((share) =>
    options.newWorker({ plan, share, url, runId, headers }, (event) => {
      // Of a worker that was given up on.
      if (!rollup.isClosed) rollup.add(event);
    }),
  );
  const ensemble = new Ensemble(workers);
  interrupted.addEventListener('abort', () => ensemble.interrupt(), { once: true });
  return ensemble;
}

async function open(options: RunOptions, workers: Worker, rollup: Rollup): Promise<void> {
  const patience = patienceWithWorkers(options.clock, options.interrupted);
  // Threads that don't stop opening are told apart from those that failed: by the interruption.
  await patience
    .for(workers.open())
    .catch((error: unknown) => {
      if (!options.interrupted.aborted) throw error;
    })
    .finally(() => patience.close());
  if (options.interrupted.aborted) throw new NothingMeasured('interrupted before anything was measured');
  if (rollup.connections.opened > 0) return;
  workers.interrupt();
  const codes = Object.entries(rollup.failures).map(([code, count]) => {
    const detail = rollup.details[code];
    return `${code} ${counted(count, 'time')}${detail === undefined ? '' : ` (${detail})`}`;
  });
  throw new NothingMeasured(
    `none of ${counted(options.plan.connections, 'connection')} could be opened: ${codes.join(', ')}`,
  );
}

type Driven = Pick<RunRecord, 'measuredFromMs' | 'measuredMs' | 'interruption' | 'hostBusy' | 'stealShare'>;

async function drive(options: RunOptions, workers: Worker, rollup: Rollup): Promise<Driven> {
  const { plan, clock, observer, interrupted } = options;
  const startMs = (await options.startAt?.()) ?? clock.now() + START_NOTICE_MS;
  const measuredMs = startMs + plan.warmupMs;
  const endMs = measuredMs + plan.durationMs;
  options.stage.measuring?.(clock.epochAt(measuredMs));
  let hostBusy: number | null = null;
  let stealShare: number | null = null;
  const phases = [
    // Without a warm-up it would be due with the measurement, and might be told after it.
    ...(plan.warmupMs > 0 ? [clock.at(startMs, () => observer.phase('warming up', rollup, startMs))] : []),
    clock.at(measuredMs, () => {
      options.hostMeter();
      options.stealMeter?.();
      observer.phase('measuring', rollup, measuredMs);
    }),
    clock.at(endMs, () => {
      hostBusy = options.hostMeter();
      stealShare = options.stealMeter?.() ?? null;
      observer.phase('draining', rollup, endMs);
    }),
  ];
  const patience = patienceWithWorkers(clock, interrupted);
  const failure = await patience.for(workers.drive(clock.epochAt(startMs))).then(
    () => null,
    (error: Error) => error,
  );
  patience.close();
  for (const phase of phases) phase.cancel();
  const elapsedMs = Math.min(plan.durationMs, clock.now() - measuredMs);
  if (elapsedMs <= 0) throw failure ?? new NothingMeasured('interrupted before anything was measured');
  const cut = failure !== null || (interrupted.aborted && clock.now() < endMs);
  return {
    measuredFromMs: clock.epochAt(measuredMs),
    measuredMs: cut ? elapsedMs : plan.durationMs,
    interruption: failure?.message ?? (interrupted.aborted ? 'it was interrupted' : null),
    hostBusy: hostBusy ?? options.hostMeter(),
    stealShare: stealShare ?? options.stealMeter?.() ?? null,
  };
}

/** A stage whose metrics can't be read costs the run its metrics, not the run. */
async function readMetrics(
  { stage, observer, interrupted }: RunOptions,
  record: RunRecord,
  patience: Patience,
): Promise<Pick<RunRecord, 'metrics' | 'metricsProblem'>> {
  if (!stage.hasMetrics) return { metrics: null, metricsProblem: null };
  try {
    const reading = stage.metrics(record.startedAtMs, record.trafficEndedAtMs, {
      measuredFromEpochMs: record.measuredFromMs,
      expectedRecords: expectedRecords(record),
      interrupted,
      waiting: (waiting) => observer.waiting?.(waiting),
    });
    return { metrics: await patience.for(reading), metricsProblem: null };
  } catch (error) {
    return { metrics: null, metricsProblem: `metrics could not be read: ${(error as Error).message}` };
  }
}

/**
 * Many workers as one: opened together, started at the same moment, interrupted together. When one of them dies the others are
 * stopped and waited for, so that everything they measured is reported before the failure is.
 */
export class Ensemble implements Worker {
  readonly #workers: readonly Worker[];

  constructor(workers: readonly Worker[]) {
    this.#workers = workers;
  }

  async open(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.open()));
  }

  async drive(startEpochMs: number): Promise<void> {
    const driven = this.#workers.map((worker) => worker.drive(startEpochMs));
    for (const drive of driven) drive.catch(() => this.interrupt());
    const outcomes = await Promise.allSettled(driven);
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  interrupt(): void {
    for (const worker of this.#workers) worker.interrupt();
  }
}

/**
 * `bench sweep`: a grid of settings, every cell run as often as asked, in blocks of random order. What is done is saved after
 * every run: a sweep that was interrupted, or killed, goes on where it was.
 */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { orderOf, type Slot } from '../judge/sweep/order.ts';
import { type Progress, pendingSlots, progressOf, runTookMs } from '../judge/sweep/progress.ts';
import { seededRandom } from '../measure/random.ts';
import { counted } from '../model/counted.ts';
import { assertNone, ConfigurationError, Interrupted } from '../model/failure.ts';
import { doneRuns, type SweepCell, type SweepResult, type SweepRun } from '../model/sweep.ts';
import { writeWholeFile } from '../node/bounded-file.ts';
import { writeOrElsewhere } from '../node/directory.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import { parsePlan } from '../node/plan-file.ts';
import { runIdOf } from '../node/run-directory.ts';
import { SWEEP_FILE, SweepDirectory } from '../node/sweep-directory.ts';
import { note } from '../node/terminal.ts';
import { type SummaryOf, sayClosing } from './closing.ts';
import { EXIT } from './exit.ts';
import type { Given } from './flags.ts';
import { listenForInterruption } from './interruption.ts';
import { checkSocketLimits } from './socket-limits.ts';
import type { SweepContext } from './sweep-context.ts';
import {
  type ParsedSweep,
  parseSweep,
  type SWEEP_FLAGS,
  type SweepOptions,
  sweepOptions,
} from './sweep-options.ts';
import { sweepRun } from './sweep-run.ts';
import { assertSameSweep, freshSweep, SweepState, UnsavedSweep } from './sweep-state.ts';

/** What the command needs of the reports, given by the composition root. */
export interface SweepReporting {
  /** Renders every format of a run's directory into it. */
  writeRun(directory: string): Promise<unknown>;
  /** Renders every format of the sweep's directory into it. */
  writeSweep(directory: string): Promise<unknown>;
  /** Parses sweep.json; its error says what is wrong. */
  parse(json: string): SweepResult;
  /** One line of a run that is over. */
  runLine(cell: SweepCell, run: SweepRun, progress: Progress, moneyLeftUsd: number | null): string;
  readonly summary: SummaryOf<SweepResult>;
}

type SweepArguments = Given<typeof SWEEP_FLAGS>;

/** Sweeps and answers the exit code. */
export async function sweepCommand(given: SweepArguments, reporting: SweepReporting): Promise<number> {
  const { state, headers, query, options } = opened(given, reporting);
  const { directory } = state;
  const isOnAws = state.result.place === 'aws';
  const interruption = listenForInterruption(
    isOnAws ? () => note('the stacks of this sweep are being deleted: please wait') : undefined,
  );
  try {
    const context = contextOf({
      given,
      state,
      headers,
      query,
      options,
      reporting,
      interrupted: interruption.signal,
    });
    const pending = pendingSlots(orderIn(state.result), state.result.cells);
    for (const { plan } of state.result.cells) checkSocketLimits(plan);
    context.say(introduction(state.result, pending, options.parallel));
    if (isOnAws) await onStacks(context, pending);
    else await onStages(context, pending);
    await close(given, state, reporting);
    if (interruption.signal.aborted) throw new Interrupted(resumption(state.result, directory.path));
    return exitCodeOf(state.result);
  } catch (error) {
    directory.discard();
    if (error instanceof UnsavedSweep) await close(given, state, reporting, error.message);
    else if (state.result.cells.flatMap(doneRuns).length > 0) await sayBefore(directory.path, reporting);
    throw error;
  } finally {
    interruption.dispose();
  }
}

/** A sweep that failed half-way has runs to show. One that was interrupted has its reports already. */
async function sayBefore(place: string, reporting: SweepReporting): Promise<void> {
  if (existsSync(path.join(place, 'index.html'))) return;
  await reporting.writeSweep(place).catch(() => {});
  note(`What was measured before is in ${place}.`);
}

/** Writes the sweep with its reports, where it belongs or elsewhere, and says so. Throws where it is not where it belongs. */
async function close(
  given: SweepArguments,
  { result, directory }: SweepState,
  reporting: SweepReporting,
  problem: string | null = null,
): Promise<void> {
  const { directory: place, trouble } = await writeOrElsewhere(directory.path, (at) => {
    writeWholeFile(path.join(at, SWEEP_FILE), `${JSON.stringify(result, null, 1)}\n`);
    return reporting.writeSweep(at);
  });
  const problems = [problem, trouble].filter((one) => one !== null);
  sayClosing(
    given.flags,
    result,
    {
      path: place ?? directory.path,
      isNowhere: place === null,
      trouble: problems.length === 0 ? null : problems.join(' '),
    },
    reporting.summary,
    exitCodeOf(result),
  );
}

async function onStacks(context: SweepContext, pending: readonly Slot[]): Promise<void> {
  const { sweepOnAws } = await import('./sweep-aws.ts');
  await sweepOnAws(context, pending);
}

/** One fresh stage after the other: what a run leaves in a stage is nothing that the next should find. */
async function onStages(context: SweepContext, pending: readonly Slot[]): Promise<void> {
  context.state.save();
  for (const slot of pending) {
    if (context.interrupted.aborted) return;
    const outcome = await sweepRun(context.runOptions(slot));
    if (outcome !== null) context.finished(slot, outcome.run, outcome.result);
  }
}

type Secrets = Pick<ParsedSweep, 'headers' | 'query'>;

interface Opened extends Secrets {
  readonly state: SweepState;
  readonly options: SweepOptions;
}

/** A sweep that begins, or one that goes on. */
function opened(given: SweepArguments, reporting: SweepReporting): Opened {
  const [plan] = given.words;
  const { resume, out } = given.flags;
  if (resume !== null) return resumed(given, resume, reporting);
  if (plan === undefined)
    throw new ConfigurationError(['plan: name a plan, or a sweep to go on with --resume DIRECTORY']);
  const parsed = parseSweep(plan, given);
  if (out !== null && SweepDirectory.holdsSweep(out)) {
    const directory = SweepDirectory.open(out);
    const was = directory.read(reporting.parse);
    assertSameSweep(was, parsed, out);
    return { ...parsed, state: goingOn(directory, was) };
  }
  return { ...parsed, state: begun(parsed, out) };
}

function begun(parsed: ParsedSweep, out: string | null): SweepState {
  const nowMs = Date.now();
  const id = runIdOf(`${parsed.definition.name}-sweep`, nowMs);
  const directory = SweepDirectory.make(out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', id));
  return new SweepState(directory, freshSweep(parsed, nowMs));
}

function resumed(given: SweepArguments, place: string, reporting: SweepReporting): Opened {
  const { header, ...settings } = given.settings;
  const { vary, goal, repeats, orderSeed, on, out } = given.flags;
  const others = { ...settings, vary, goal, repeats, orderSeed, on, plan: given.words[0], out };
  const problems = [
    ...given.problems,
    ...Object.entries(others)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name]) => `${name}: --resume goes on with the sweep as it was begun; leave it out`),
  ];
  if (!SweepDirectory.holdsSweep(place)) problems.push(`resume: there is no sweep.json in ${place}`);
  assertNone(problems);
  const options = sweepOptions(given.flags);
  const directory = SweepDirectory.open(place);
  const was = directory.read(reporting.parse);
  return { state: goingOn(directory, was), ...secretsOf(was, header), options };
}

/** Secrets are never written, so a sweep that has some is given them again. */
function secretsOf({ plan: { stage, headerNames } }: SweepResult, header: unknown): Secrets {
  const { headers, query } = parsePlan(header === undefined ? { stage } : { stage, header }, {});
  const given = Object.keys(headers).map((name) => name.toLowerCase());
  const missing = headerNames.filter((name) => !given.includes(name.toLowerCase()));
  if (missing.length > 0)
    throw new ConfigurationError(
      missing.map(
        (name) => `header: ${name} was sent by this sweep and its value is never saved; give it again`,
      ),
    );
  return { headers, query };
}

/** What sweep.json says was done is looked for: a run that is not there is made again. */
function goingOn(directory: SweepDirectory, was: SweepResult): SweepState {
  const problems: string[] = [];
  const isThere = (run: SweepRun) => {
    const problem = run.status === 'done' ? directory.problemOf(run) : null;
    if (run.status === 'done' && problem !== null)
      problems.push(`${run.directory} ${problem}: it is made again`);
    return problem === null;
  };
  const cells = was.cells.map((cell) => ({ ...cell, runs: cell.runs.filter(isThere) }));
  const found = { ...was, cells };
  for (const problem of problems) note(`warning: ${problem}`);
  directory.sweepOut(found);
  return new SweepState(directory, found);
}

function orderIn({ cells, repeats, orderSeed }: SweepResult): Slot[] {
  return orderOf(cells.length, repeats, seededRandom(orderSeed));
}

type Making = Opened & {
  readonly given: SweepArguments;
  readonly reporting: SweepReporting;
  readonly interrupted: AbortSignal;
};

function contextOf({ given, state, headers, query, options, reporting, interrupted }: Making): SweepContext {
  const say = (line: string) => {
    if (!given.flags.quiet && !given.flags.json) note(line);
  };
  const expectedMs = expectedRunMs(state.result);
  return {
    state,
    options,
    interrupted,
    say,
    runOptions: (slot) => {
      const cell = state.result.cells[slot.cell]!;
      const { goals } = state.result;
      const { directory } = state;
      return {
        ...options,
        cell,
        slot,
        plan: cell.plan,
        goals,
        headers,
        query,
        directory,
        interrupted,
        write: reporting.writeRun,
      };
    },
    finished: (slot, run, result) => {
      state.addRun(slot.cell, run, result?.stage ?? null);
      const { cells, repeats, cost } = state.result;
      const progress = progressOf(cells, { repeats, expectedMs, parallel: options.parallel });
      const left = cost === null ? null : Math.max(0, cost.estimatedUsd - cost.spentUsd);
      say(reporting.runLine(cells[slot.cell]!, run, progress, left));
    },
  };
}

function expectedRunMs({ cells, place }: SweepResult): number {
  const overhead = place === 'aws' ? 'stack' : 'local';
  return cells.reduce((sum, { plan }) => sum + runTookMs(plan, overhead), 0) / cells.length;
}

function introduction(result: SweepResult, pending: readonly Slot[], parallel: number): string {
  const { name, cells, repeats, vary } = result;
  const grid = vary.map(({ name: key, values }) => `${key} {${values.join(', ')}}`).join(' × ');
  const all = cells.length * repeats;
  const minutes = Math.ceil((expectedRunMs(result) * pending.length) / parallel / 60_000);
  const left = pending.length === all ? '' : `, ${pending.length} of them to be made`;
  return `${name}: ${grid} = ${counted(cells.length, 'cell')} × ${counted(repeats, 'repeat')} = ${counted(all, 'run')}${left}, about ${minutes} min`;
}

function resumption({ cells, repeats }: SweepResult, directory: string): string {
  const left = cells.length * repeats - cells.flatMap(doneRuns).length;
  return `Interrupted with ${counted(left, 'run')} to go; go on with: bench sweep --resume ${path.relative(process.cwd(), directory) || '.'}`;
}

/**
 * 1 where a run failed or something of a stack is left, 3 where goals were stated and no cell meets them, 4 where that is because runs
 * were invalid.
 */
export function exitCodeOf({
  cells,
  goals,
  recommendation,
  stacks,
  leftOver = [],
}: Pick<SweepResult, 'cells' | 'goals' | 'recommendation' | 'stacks' | 'leftOver'>): number {
  const done = cells.flatMap(doneRuns);
  const isFailed = cells.some(({ runs }) => runs.some(({ status }) => status === 'failed'));
  if (done.length === 0 || isFailed || stacks.length + leftOver.length > 0) return EXIT.operation;
  if (done.every(({ figures }) => figures.verdict === 'invalid')) return EXIT.invalid;
  return goals.length > 0 && recommendation.cell === null ? EXIT.threshold : EXIT.ok;
}

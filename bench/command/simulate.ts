/**
 * `bench simulate`: a run of the local stage on virtual time. It takes the plans and flags of a run and leaves what a run
 * leaves, marked as simulated. The same plan comes to the same result.json, byte for byte; `--verify` runs it twice and
 * says whether it did.
 */

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FUNCTION_KINDS, type FunctionKind } from '../../stack/local/simulated/simulated-stage.ts';
import { NothingMeasured } from '../drive/probe-stage.ts';
import { latencyLog } from '../measure/hlog.ts';
import type { RunRecord } from '../measure/record.ts';
import {
  assertNone,
  attempted,
  ConfigurationError,
  Interrupted,
  OperatingError,
  unreadable,
} from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import type { RunResult } from '../model/result.ts';
import { readTextFile, TEMPLATE_FILE_BYTES } from '../node/bounded-file.ts';
import { systemClock } from '../node/clock.ts';
import { environmentOf, PACKAGE_ROOT } from '../node/machine.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { StageLog } from '../node/stage-log.ts';
import { note } from '../node/terminal.ts';
import { asSimulated, simulate } from '../sim/simulate.ts';
import { type Loudness, sayClosing } from './closing.ts';
import { exitCodeOf } from './exit.ts';
import { flagOr, type Given, oneOf, output, PRICES_FLAG, toggle } from './flags.ts';
import { listenForInterruption } from './interruption.ts';
import { pricingOf } from './pricing.ts';
import type { Reporting } from './run.ts';
import { resultOf } from './run-once.ts';
import { parseRun } from './run-options.ts';
import { memoryLimits, memoryNote, memoryProblems } from './simulation-memory.ts';

const REFERENCE_TEMPLATE = fileURLToPath(new URL('../../stack/template.yaml', import.meta.url));

/** What a simulation is asked beside its plan. */
export const SIMULATE_FLAGS = {
  ...PRICES_FLAG,
  ...output('result.json'),
  functions: flagOr(
    'code',
    oneOf(FUNCTION_KINDS),
    "code runs the template's own functions; model does what the reference stack's do, which is faster",
  ),
  verify: toggle('simulate twice and compare the bytes of both results'),
};

/** What a run has beside that, as it is on virtual time. */
const REAL_ONLY = { metrics: true, metricsWait: null, maxCost: null, calibration: false };

interface Simulating {
  readonly plan: Plan;
  readonly functions: FunctionKind;
  readonly pricesPath: string | null;
  readonly interrupted: AbortSignal;
}

interface Simulated {
  readonly result: RunResult;
  readonly record: RunRecord;
  readonly stageLog: StageLog;
  readonly virtualMs: number;
}

/** Simulates and answers the exit code. */
export async function simulateCommand(
  given: Given<typeof SIMULATE_FLAGS>,
  reporting: Reporting,
): Promise<number> {
  const plan = parsed(given);
  const { flags } = given;
  const { functions, prices: pricesPath } = flags;
  const id = runIdOf(plan.name, systemClock.epochAt(systemClock.now()));
  const directory = new RunDirectory(flags.out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', id));
  const interruption = listenForInterruption();
  const asked = { plan, functions, pricesPath, interrupted: interruption.signal };
  try {
    say(flags, [startOf(plan, functions), memoryNote(plan) ?? []].flat().join('; '));
    const startMs = systemClock.now();
    const simulated = await simulateOnce(asked, (line) => say(flags, line));
    const wallMs = systemClock.now() - startMs;
    await directory.save(simulated, reporting.write);
    say(flags, paceOf(simulated.virtualMs, wallMs));
    if (flags.verify && !interruption.signal.aborted) say(flags, await verified(asked, simulated));
    const code = exitCodeOf(simulated.result, interruption.signal.aborted);
    sayClosing(flags, simulated.result, directory, reporting.summary, code);
    return code;
  } catch (error) {
    directory.discard();
    if (interruption.signal.aborted && error instanceof NothingMeasured)
      throw new Interrupted('Interrupted before anything was measured; nothing was saved.');
    throw error;
  } finally {
    interruption.dispose();
  }
}

function startOf(plan: Plan, functions: FunctionKind): string {
  return `${plan.name}: simulating ${plan.durationMs / 1_000} s measured, functions: ${functions}`;
}

function say({ quiet, json }: Loudness, line: string): void {
  if (!quiet && !json) note(line);
}

/** The plan as a run would have it. A plan file may ask for what a simulation can't do. Throws {@link ConfigurationError}. */
function parsed({ flags, problems: found, ...given }: Given<typeof SIMULATE_FLAGS>): Plan {
  const problems = [...found];
  const asked = { ...given, flags: { ...flags, ...REAL_ONLY }, problems: [] };
  const read = attempted(() => parseRun(asked), problems);
  if (read === null) throw new ConfigurationError(problems);
  const { plan } = read;
  if (plan.stage !== 'local')
    problems.push(
      `stage: only the local stage can be simulated, not ${plan.stage}; leave it out of the plan`,
    );
  if (plan.threads !== 1) problems.push('threads: a simulation has one thread; leave it out of the plan');
  problems.push(...memoryProblems(plan, memoryLimits()));
  assertNone(problems);
  return plan;
}

/**
 * Simulates until it is done or code of a function leaves a rejection unhandled. On Lambda that ends the function's environment;
 * here all environments are in this process, and nothing tells whose the rejection is.
 */
async function simulateOnce(asked: Simulating, told: (line: string) => void): Promise<Simulated> {
  const stopped = new AbortController();
  const interrupted = AbortSignal.any([asked.interrupted, stopped.signal]);
  let stop: (reason: unknown) => void = () => {};
  const rejected = new Promise<never>((_, reject) => {
    stop = (reason) => {
      stopped.abort();
      const text = `a promise was rejected and nobody handled it: ${String(reason)}. On Lambda this ends the environment of the function whose code it is, which a simulation can't tell; handle it, or use the local stage.`;
      reject(new OperatingError(text));
    };
  });
  process.on('unhandledRejection', stop);
  try {
    return await Promise.race([simulateUnlessStopped({ ...asked, interrupted }, told), rejected]);
  } finally {
    process.off('unhandledRejection', stop);
  }
}

async function simulateUnlessStopped(asked: Simulating, told: (line: string) => void): Promise<Simulated> {
  const { plan, functions, pricesPath, interrupted } = asked;
  const stageLog = new StageLog();
  const templatePath = plan.template ?? REFERENCE_TEMPLATE;
  const { version, commit } = environmentOf(plan);
  try {
    const { record, virtualMs } = await simulate({
      plan,
      templateText: textOf(templatePath),
      templatePath,
      functions,
      log: stageLog.add,
      version,
      commit,
      interrupted,
      observer: { phase: (phase) => told(`  ${phase}`) },
    });
    const pricing = pricingOf({ pricesPath, templateText: null });
    return { result: pricing(asSimulated(resultOf(record))), record, stageLog, virtualMs };
  } catch (error) {
    for (const line of stageLog.tail()) note(`stage: ${line}`);
    throw error;
  }
}

function textOf(templatePath: string): string {
  try {
    return readTextFile(templatePath, TEMPLATE_FILE_BYTES);
  } catch (error) {
    throw new ConfigurationError([`template: ${unreadable(templatePath, error as NodeJS.ErrnoException)}`]);
  }
}

/** Simulates once more, and says that the bytes are the same, or throws. */
async function verified(asked: Simulating, first: Simulated): Promise<string> {
  const again = await simulateOnce(asked, () => {});
  if (asked.interrupted.aborted) return 'not verified: interrupted during the second simulation';
  if (bytesOf(again) === bytesOf(first)) return 'verified: a second simulation came to the same bytes';
  throw new OperatingError(
    'a second simulation came to another result: this is a bug, and the figures can’t be repeated',
  );
}

/** Everything of the run directory that is measured. */
function bytesOf({ result, record, stageLog }: Simulated): string {
  const log = latencyLog(record.rollup.seconds(), record.measuredFromMs);
  return JSON.stringify([result, log, record.rollup.violations, stageLog.text()]);
}

function paceOf(virtualMs: number, wallMs: number): string {
  const [virtual, wall] = [virtualMs, wallMs].map((ms) => (ms / 1_000).toFixed(1));
  return `simulated ${virtual} s in ${wall} s: ${(virtualMs / wallMs).toFixed(1)} virtual seconds a second`;
}

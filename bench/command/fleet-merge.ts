/**
 * `bench fleet merge`: one run out of whatever partials arrived. What is missing, contradicts itself or is of another run is
 * named; the rest adds up to an ordinary run directory, with fleet.json beside for what only a fleet has.
 */
import path from 'node:path';
import { type Collected, collect } from '../fleet/collect.ts';
import { openStore } from '../fleet/open-store.ts';
import type { Store } from '../fleet/store.ts';
import { withFleetCheck } from '../judge/fleet-check.ts';
import type { RunRecord } from '../measure/record.ts';
import { assertNone, ConfigurationError } from '../model/failure.ts';
import type { FleetCost, FleetFacts } from '../model/fleet-facts.ts';
import type { RunResult } from '../model/result.ts';
import { writeWholeFile } from '../node/bounded-file.ts';
import { systemClock } from '../node/clock.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { StageLog } from '../node/stage-log.ts';
import { note } from '../node/terminal.ts';
import { sayClosing } from './closing.ts';
import { exitCodeOf } from './exit.ts';
import { type Given, output, type Values } from './flags.ts';
import type { StageWord } from './fleet-stage.ts';
import type { Pricing } from './pricing.ts';
import type { Reporting } from './run.ts';
import { resultOf } from './run-once.ts';

export const MERGE_FLAGS = output('result.json');

/** Merges and answers the exit code. Throws {@link ConfigurationError} where there is nothing of the kind. */
export async function fleetMergeCommand(
  { words: [place], flags, problems }: Given<typeof MERGE_FLAGS>,
  reporting: Reporting,
): Promise<number> {
  assertNone(problems);
  const store = await openStore(place!);
  if ((await store.list('')).length === 0)
    throw new ConfigurationError([
      `store: there is nothing in ${store.uri}: name the directory or s3:// URI of a run, with its worker-NNNNN.json.gz`,
    ]);
  return mergeInto(store, flags, reporting);
}

type Output = Values<typeof MERGE_FLAGS>;

/** What a merge knows beside the partials. */
export interface MergeContext {
  readonly interrupted?: AbortSignal;
  /** Asks the stage what it has to say of the merged run. */
  readonly askStage?: (record: RunRecord) => Promise<StageWord>;
  /** The result with what the run cost. */
  readonly pricing?: Pricing;
  /** What the workers' machines cost. */
  readonly workersCost?: FleetCost;
}

/** Merges what is in the store, writes the run directory, says how it came out, and answers the exit code. */
export async function mergeInto(
  store: Store,
  flags: Output,
  reporting: Reporting,
  context: MergeContext = {},
): Promise<number> {
  const collected = await collect(store);
  const { name } = collected.merge.plan;
  const { startMs, runId } = collected.run;
  const directory = new RunDirectory(
    flags.out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', runIdOf(name, startMs)),
  );
  // Merged again, it is the same run, in another directory.
  const id = runIdOf(name, startMs, runId);
  try {
    const { record: merged, fleet: facts } = collected.merge.finish({
      id,
      probed: collected.file?.probed,
    });
    const fleet = { ...withEngine(facts, collected), ...costOf(context) };
    const fleetResult = (record: RunRecord) =>
      withFleetCheck(priced(resultOf(record), fleet, context), fleet);
    // Before the stage is asked, which may take minutes.
    if (context.askStage !== undefined) await save(directory, fleetResult(merged), merged, fleet);
    const record = await asked(merged, context);
    const result = fleetResult(record);
    await save(directory, result, record, fleet, reporting);
    if (!flags.json) for (const line of rejections(fleet)) note(line);
    const code = exitCodeOf(result, context.interrupted?.aborted ?? false);
    sayClosing(flags, result, directory, reporting.summary, code);
    return code;
  } catch (error) {
    directory.discard();
    throw error;
  }
}

/** The record with the stage's word, which may take minutes to come. */
async function asked(merged: RunRecord, { askStage }: MergeContext): Promise<RunRecord> {
  if (askStage === undefined) return merged;
  const word = await askStage(merged);
  return { ...merged, ...word, endedAtMs: systemClock.epochAt(systemClock.now()) };
}

/** What is missing was paid for too, and nobody counted it: then the cost is not known. */
function priced(result: RunResult, { missing }: FleetFacts, { pricing }: MergeContext): RunResult {
  return pricing === undefined || missing.length > 0 ? result : pricing(result);
}

function withEngine(fleet: FleetFacts, { file }: Collected): FleetFacts {
  if (file?.job === undefined || file.job === null) return fleet;
  const { engine: name, job, region } = file;
  return { ...fleet, engine: { name, job, ...(region === undefined ? {} : { region }) } };
}

function costOf({ workersCost }: MergeContext): Pick<FleetFacts, 'cost'> {
  return workersCost === undefined ? {} : { cost: workersCost };
}

function save(
  directory: RunDirectory,
  result: RunResult,
  record: RunRecord,
  fleet: FleetFacts,
  reporting?: Reporting,
): Promise<void> {
  return directory.save({ result, record, stageLog: new StageLog() }, async (place) => {
    writeWholeFile(path.join(place, 'fleet.json'), `${JSON.stringify(fleet, null, 2)}\n`);
    await reporting?.write(place);
  });
}

/** Files that were not merged, a line each. */
function rejections({ rejected }: FleetFacts): string[] {
  return rejected.map(({ name, verdict, reason }) => `not merged: ${name}, ${verdict}: ${reason}`);
}

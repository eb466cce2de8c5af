/**
 * Finds the runs below a directory. What is no run is passed over; a result that can't be read, or that says nothing of its
 * stage, is named with its reason and left out: one broken file must not cost a history of years, nor vanish in it. Searches,
 * sweeps and claims hold runs too, of which most were made to fail: they are left out whole.
 */
import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ConfigurationError } from '../../bench/model/failure.ts';
import type { LeftOut } from '../../bench/model/history.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { readTextFile, SAVED_FILE_BYTES } from '../../bench/node/bounded-file.ts';
import { runIdentity } from '../run-identity.ts';
import { parseResult } from '../schema.ts';

/** What can't be made a history of, one problem a sentence. */
export class UnusableHistory extends ConfigurationError {}

export interface FoundRun {
  /** Below the directory that was searched; the name of that when it is itself a run. */
  readonly directory: string;
  /** Of the parent directory: whether all that is in it are runs. Never so for the directory that was searched. */
  readonly isAmongRuns: boolean;
  /** Without its seconds, which a history does not need: a thousand runs of an hour are gigabytes. */
  readonly result: RunResult;
}

export interface Found {
  readonly directory: string;
  readonly runs: readonly FoundRun[];
  readonly leftOut: readonly LeftOut[];
}

/** Levels below the directory: entries, repeats, and two to spare for those who sort by plan or year. */
const MAX_DEPTH = 4;

/** Five years of a daily job: of more the newest are read. */
const MAX_RUNS = 2_000;

/** By its data, what makes directories of runs that are no entries. */
const EXPERIMENTS: readonly (readonly [file: string, name: string, why: string])[] = [
  ['capacity.json', 'a capacity search', 'its probes are made to fail'],
  ['sweep.json', 'a sweep', 'its settings are compared with each other'],
  ['claims.json', 'the claims', 'their runs have faults'],
];

/** How far above a directory an experiment is looked for that it may be a part of: a run of a sweep has two levels above it. */
const LEVELS_ABOVE = 3;

/** What was made from runs, and may lie beside them. */
const REPORTS = ['history.json', 'comparison.json'];

interface Search {
  readonly root: string;
  readonly places: { readonly path: string; readonly isAmongRuns: boolean }[];
  readonly leftOut: LeftOut[];
  /** Real paths that were searched: what a link leads to is searched once. */
  readonly seen: Set<string>;
}

/** Runs in order of their directories. @throws UnusableHistory when there is no such directory, or no run in it */
export function findRuns(root: string, most = MAX_RUNS): Found {
  if (!existsSync(root) || !statSync(root).isDirectory())
    throw new UnusableHistory([`${root} is no directory: name one that holds run directories.`]);
  const refusal = experimentRefusal(root);
  if (refusal !== null) throw new UnusableHistory([refusal]);
  const search: Search = { root, places: [], leftOut: [], seen: new Set() };
  descend(search, root, 0, false);
  const { places, leftOut } = search;
  if (places.length === 0 && leftOut.length === 0)
    throw new UnusableHistory([
      `${root} holds no run, down to ${MAX_DEPTH} levels: a run is a directory with a result.json.`,
    ]);
  leaveOldest(search, most);
  const runs = usable(search);
  if (runs.length === 0)
    throw new UnusableHistory([
      `${root} holds no run that can be used:`,
      ...leftOut.map(({ directory, reason }) => `${directory}: ${reason}`),
    ]);
  return { directory: /^[./\\]+$/.test(root) ? nameOf(root) : root, runs, leftOut };
}

/** Of more runs than are read, the oldest are left out; one line says how many. */
function leaveOldest({ root, places, leftOut }: Search, most: number): void {
  if (places.length <= most) return;
  const startedMs = new Map(places.map((place) => [place, startOf(place.path)]));
  const newest = [...places].sort((a, b) => startedMs.get(b)! - startedMs.get(a)!).slice(0, most);
  const kept = new Set(newest);
  leftOut.push({
    directory: nameOf(root),
    reason: `the oldest ${places.length - most} of its ${places.length} runs: the newest ${most} are read.`,
  });
  places.splice(0, places.length, ...places.filter((place) => kept.has(place)));
}

/** Where a result says when its run began. */
const HEAD_BYTES = 4_096;

/** When a run began, from the head of its result alone: of thousands, not all of each is read. 0 where it does not say. */
function startOf(path: string): number {
  const file = openSync(join(path, 'result.json'), 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const text = head.toString('utf8', 0, readSync(file, head, 0, HEAD_BYTES, 0));
    return Date.parse(/"startedAt"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? '') || 0;
  } finally {
    closeSync(file);
  }
}

const nameOf = (path: string): string => basename(resolve(path));

/** What to give in place of an experiment, or of a part of one; null where neither is given. */
function experimentRefusal(root: string): string | null {
  let path = resolve(root);
  for (let level = 0; level <= LEVELS_ABOVE; level++, path = dirname(path)) {
    const experiment = EXPERIMENTS.find(([file]) => holds(path, file));
    if (experiment === undefined) continue;
    const [, name, why] = experiment;
    const given = level === 0 ? `${root} is ${name}` : `${root} is part of ${name}, ${path}`;
    return `${given}: ${why}, so they have no history. What came of it is in ${join(path, 'index.html')}. For a history give a directory with runs of one plan, made on several days or commits.`;
  }
  return null;
}

const holds = (path: string, file: string): boolean => existsSync(join(path, file));

function descend(search: Search, path: string, depth: number, isAmongRuns: boolean): void {
  const real = realpathSync(path);
  if (search.seen.has(real)) return;
  search.seen.add(real);
  if (holds(path, 'result.json')) {
    search.places.push({ path, isAmongRuns });
    return;
  }
  const experiment = EXPERIMENTS.find(([file]) => holds(path, file));
  if (experiment !== undefined) {
    search.leftOut.push({
      directory: shown(search, path),
      reason: `it is ${experiment[1]}: ${experiment[2]}.`,
    });
    return;
  }
  if (depth === MAX_DEPTH) return;
  const inside = readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .filter((entry) => entry.isDirectory() || (entry.isSymbolicLink() && isDirectory(join(path, entry.name))))
    .map(({ name }) => join(path, name))
    .filter((inner) => !REPORTS.some((file) => holds(inner, file)))
    .sort();
  const areAllRuns = depth > 0 && inside.every((inner) => holds(inner, 'result.json'));
  for (const inner of inside) descend(search, inner, depth + 1, areAllRuns);
}

/** Through links; false where one leads nowhere. */
const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const shown = ({ root }: Search, path: string): string => relative(root, path) || nameOf(root);

function usable(search: Search): FoundRun[] {
  const known = new Map<string, string>();
  return search.places.flatMap(({ path, isAmongRuns }) => {
    const directory = shown(search, path);
    try {
      const result = parseResult(readTextFile(join(path, 'result.json'), SAVED_FILE_BYTES));
      const reason = reasonAgainst(result, known);
      if (reason === null) {
        known.set(runIdentity(result), directory);
        return [{ directory, isAmongRuns, result: { ...result, intervals: [] } }];
      }
      search.leftOut.push({ directory, reason });
    } catch (error) {
      search.leftOut.push({ directory, reason: `result.json can't be read: ${(error as Error).message}` });
    }
    return [];
  });
}

function reasonAgainst(result: RunResult, known: ReadonlyMap<string, string>): string | null {
  const { partial, validity } = result;
  const other = known.get(runIdentity(result));
  if (other !== undefined) return `it is the same run as ${other}.`;
  if (partial) return 'it is partial: it was cut short.';
  if (validity.verdict !== 'invalid') return null;
  const check = validity.checks.find(({ verdict }) => verdict === 'invalid');
  return `it is invalid${check === undefined ? '.' : ` (${check.name}): ${check.evidence}`}`;
}

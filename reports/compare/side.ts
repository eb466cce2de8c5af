/**
 * A side of a comparison as it is read from the disk: a run directory, or a directory of repeats, each subdirectory a run of
 * the same setting. What is no run is refused by name, all of it at once, instead of being left out: a comparison of four
 * of five repeats would look like one of all.
 */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../bench/model/failure.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { violationOf } from '../../bench/model/violation.ts';
import { readTextFile, SAVED_FILE_BYTES } from '../../bench/node/bounded-file.ts';
import { runIdentity } from '../run-identity.ts';
import { parseResult } from '../schema.ts';
import { countOf, readSeconds, type SecondHistograms } from '../statistics/second-histograms.ts';

/** One run, as a comparison needs it. */
export interface ComparedRun {
  readonly directory: string;
  readonly result: RunResult;
  /** Empty without latency.hlog. */
  readonly response: SecondHistograms;
  readonly service: SecondHistograms;
  /** Messages lost by the second in which they were sent; null when not every one has a witness. */
  readonly lostBySecond: readonly number[] | null;
  /** What could not be read, or is left out as a copy, one sentence each. */
  readonly gaps: readonly string[];
}

export interface Side {
  readonly label: string;
  readonly runs: readonly ComparedRun[];
}

/** What can't be compared, one problem a sentence. */
export class UnreadableSide extends ConfigurationError {}

/** Reads a side. @throws UnreadableSide when it is missing, holds no run, or something besides runs */
export function readSide(path: string): Side {
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new UnreadableSide([`${path} is no directory: name a run directory, or one that holds repeats.`]);
  if (existsSync(join(path, 'result.json'))) return { label: path, runs: all([path]) };
  const inside = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(path, name))
    .sort();
  if (inside.length === 0)
    throw new UnreadableSide([`${path} holds neither a result.json nor runs in directories of their own.`]);
  return { label: path, runs: all(inside) };
}

function all(directories: readonly string[]): ComparedRun[] {
  const problems: string[] = [];
  const runs = directories.flatMap((directory) => {
    try {
      return [readRun(directory)];
    } catch (error) {
      problems.push(`${directory} is no run: ${(error as Error).message}`);
      return [];
    }
  });
  if (problems.length > 0) throw new UnreadableSide(problems);
  return withoutCopies(runs);
}

/** A copied run is no repeat: it would narrow intervals that it tells nothing about. */
function withoutCopies(runs: readonly ComparedRun[]): ComparedRun[] {
  const kept = new Map<string, ComparedRun>();
  for (const run of runs) {
    const identity = runIdentity(run.result);
    const first = kept.get(identity);
    kept.set(identity, first === undefined ? run : withCopy(first, run));
  }
  return [...kept.values()];
}

function withCopy(run: ComparedRun, { directory }: ComparedRun): ComparedRun {
  const gap = `${directory} is the same run as ${run.directory} and is left out: a copy is no repeat.`;
  return { ...run, gaps: [...run.gaps, gap] };
}

function readRun(directory: string): ComparedRun {
  const json = textIn(directory, 'result.json');
  if (json === null) throw new Error('it has no result.json.');
  const result = parseResult(json);
  const log = textIn(directory, 'latency.hlog');
  const response = seriesOf(directory, log, 'response', result);
  const service = seriesOf(directory, log, 'service', result);
  return {
    directory,
    result,
    response: response.seconds,
    service: service.seconds,
    lostBySecond: lostBySecond(result, textIn(directory, 'violations.ndjson') ?? ''),
    gaps: [
      ...(log === null ? [`${directory} has no latency.hlog, so its latency can't be compared.`] : []),
      ...response.gaps,
      ...service.gaps,
    ],
  };
}

/** The seconds of a series; none where the log holds another number of times than the result counted: it is cut short, or another run's. */
function seriesOf(
  directory: string,
  log: string | null,
  name: 'response' | 'service',
  { latency }: RunResult,
): { readonly seconds: SecondHistograms; readonly gaps: readonly string[] } {
  if (log === null) return { seconds: [], gaps: [] };
  const { seconds, damagedLines } = readSeconds(log, name);
  const held = countOf(seconds);
  if (held === latency[name].count) return { seconds, gaps: [] };
  const damaged = damagedLines === 0 ? '' : `, with ${damagedLines} damaged line(s)`;
  return {
    seconds: [],
    gaps: [
      `${directory}/latency.hlog holds ${held} ${name} times${damaged}, and result.json counts ${latency[name].count}: its ${name} times are not compared.`,
    ],
  };
}

function textIn(directory: string, name: string): string | null {
  const path = join(directory, name);
  return existsSync(path) ? readTextFile(path, SAVED_FILE_BYTES) : null;
}

function lostBySecond({ messages, plan }: RunResult, violations: string): number[] | null {
  const seconds = Array.from({ length: Math.ceil(plan.durationMs / 1000) }, () => 0);
  let witnesses = 0;
  for (const line of messages.lost === 0 ? [] : violations.split('\n')) {
    const violation = line === '' ? null : violationOf(line);
    if (violation?.kind !== 'lost') continue;
    witnesses++;
    const second = Math.min(seconds.length - 1, Math.max(0, Math.floor(violation.sentMs / 1000)));
    seconds[second] = (seconds[second] ?? 0) + 1;
  }
  return witnesses === messages.lost ? seconds : null;
}

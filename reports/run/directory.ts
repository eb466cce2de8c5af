/**
 * Reads a run directory: result.json, latency.hlog and violations.ndjson become one RunReading. Only result.json is
 * needed; the other two may be missing or damaged, as after an interruption, and then the reading says so. This file
 * is the reports' input edge: no other file of the reading path touches the disk.
 */

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../../bench/model/result.ts';
import type { Violation } from '../../bench/model/violation.ts';
import { violationOf } from '../../bench/model/violation.ts';
import { LineCutter, readTextFile, SAVED_FILE_BYTES } from '../../bench/node/bounded-file.ts';
import { parseFleet } from '../fleet/schema.ts';
import { mergeLog } from '../histogram-log.ts';
import { readSaved, UnreadableResult } from '../saved-data.ts';
import { parseResult } from '../schema.ts';
import { distributionOf, NO_DISTRIBUTION } from './distribution.ts';
import type { Distribution, RunReading } from './reading.ts';

/**
 * Violations of a kind that are read for the report; the file has them all, up to the driver's own limit. Lost ones come
 * last in it, so a limit on all kinds together would hide them behind many others.
 */
const MAX_READ_PER_KIND = 200;

type Latencies = Pick<RunReading, 'distributions' | 'gaps'>;
type Violations = Pick<RunReading, 'violations' | 'violationsTotal' | 'gaps'>;

/**
 * Reads a run directory.
 * @throws UnreadableResult, naming the file, when result.json is missing, truncated, foreign or of a newer schema
 */
export async function readRun(directory: string): Promise<RunReading> {
  const result = await readSaved(join(directory, 'result.json'), parseResult);
  const latencies = await readLatencies(join(directory, 'latency.hlog'), result);
  const violations = await readViolations(join(directory, 'violations.ndjson'), result);
  const fleet = await readFleet(join(directory, 'fleet.json'));
  const gaps = [...latencies.gaps, ...violations.gaps, ...fleet.gaps];
  return { result, ...latencies, ...violations, ...fleet, gaps };
}

/** Only runs of fleets have the file. */
async function readFleet(path: string): Promise<Pick<RunReading, 'fleet' | 'gaps'>> {
  const json = await readIfPresent(path);
  if (json === null) return { gaps: [] };
  try {
    return { fleet: parseFleet(json), gaps: [] };
  } catch (error) {
    if (!(error instanceof UnreadableResult)) throw error;
    return { gaps: [`fleet.json can't be read: ${error.message}`] };
  }
}

async function readLatencies(path: string, result: RunResult): Promise<Latencies> {
  const log = await readIfPresent(path);
  if (log === null) {
    const distributions = { response: NO_DISTRIBUTION, service: NO_DISTRIBUTION };
    const isExpected = result.latency.response.count > 0;
    return {
      distributions,
      gaps: isExpected ? ['latency.hlog is missing, so there is no percentile curve.'] : [],
    };
  }
  const { histograms, damagedLines } = mergeLog(log, ['response', 'service']);
  const curve = (tag: string): Distribution => {
    const histogram = histograms.get(tag);
    return histogram === undefined ? NO_DISTRIBUTION : distributionOf(histogram);
  };
  const distributions = { response: curve('response'), service: curve('service') };
  return { distributions, gaps: latencyGaps(damagedLines, distributions, result) };
}

function latencyGaps(
  damagedLines: number,
  distributions: RunReading['distributions'],
  { latency }: RunResult,
): string[] {
  const gaps: string[] = [];
  if (damagedLines > 0) {
    gaps.push(`latency.hlog has ${damagedLines} damaged line(s); the percentile curve leaves them out.`);
  }
  for (const name of ['response', 'service'] as const) {
    const [held, counted] = [distributions[name].count, latency[name].count];
    if (held !== counted)
      gaps.push(
        `latency.hlog holds ${held} ${name} times and result.json ${counted}; the curve shows the former.`,
      );
  }
  return gaps;
}

async function readViolations(path: string, result: RunResult): Promise<Violations> {
  const violations: Violation[] = [];
  const readOfKind = new Map<string, number>();
  let total = 0;
  let damaged = 0;
  try {
    const lines = new LineCutter((line, isCut) => {
      if (line === '') return;
      total++;
      const violation = isCut ? null : violationOf(line);
      if (violation === null) damaged++;
      else if (isAmongFirst(violation.kind, readOfKind)) violations.push(violation);
    });
    for await (const text of createReadStream(path, 'utf8')) lines.take(text as string);
    lines.end();
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { violations, violationsTotal: 0, gaps: missingViolations(result) };
  }
  const gaps =
    damaged > 0 ? [`violations.ndjson has ${damaged} damaged line(s), which the table leaves out.`] : [];
  return { violations, violationsTotal: total, gaps };
}

/** Counts the violation; false beyond the limit of its kind. */
function isAmongFirst(kind: string, readOfKind: Map<string, number>): boolean {
  const read = (readOfKind.get(kind) ?? 0) + 1;
  readOfKind.set(kind, read);
  return read <= MAX_READ_PER_KIND;
}

/** A run without violations need not write the file. */
function missingViolations({ messages }: RunResult): string[] {
  const unexpected = Object.values(messages.unexpected).reduce((sum, n) => sum + n, 0);
  const seen = messages.reordered + messages.duplicated + messages.lost + unexpected;
  return seen === 0 ? [] : ['violations.ndjson is missing, so violations are counted but not listed.'];
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return readTextFile(path, SAVED_FILE_BYTES);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/**
 * Holds a run against the rogue server that it was driven against: everything the driver says it saw has to be what the
 * server says it did, kind by kind, stream by stream and, where witnesses are kept, message by message. The answer is a
 * list of differences, which is to be empty.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunResult, StreamOrder } from '../../model/result.ts';
import type { Violation } from '../../model/violation.ts';
import type { RogueTally, StreamAccount } from './account.ts';

const SERVER = fileURLToPath(new URL('./server.ts', import.meta.url));

export interface RogueServer {
  readonly url: string;
  /** Ends it and answers its tally. */
  stop(): Promise<RogueTally>;
}

/** Starts a rogue server. It ends with this process at the latest. */
export function startRogue(seed: number): Promise<RogueServer> {
  const child = spawn(process.execPath, ['--import', 'tsx', SERVER, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const orphan = () => child.kill('SIGKILL');
  process.once('exit', orphan);
  let printed = '';
  const ended = new Promise<RogueTally>((resolve, reject) => {
    child.on('close', (code) => {
      process.removeListener('exit', orphan);
      if (code === 0) resolve(JSON.parse(printed.split('\n')[1] ?? '') as RogueTally);
      else reject(new Error(`the rogue server ended with ${code}`));
    });
  });
  ended.catch(() => {});
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return new Promise((resolve, reject) => {
    ended.catch(reject);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const port = /^\d+(?=\n)/.exec(printed)?.[0];
      if (port !== undefined) resolve({ url: `ws://127.0.0.1:${port}`, stop });
    });
  });
}

type Sums = Record<string, number>;

/** Sums over all streams, by the names that result.json has. */
export function sumsOf(streams: readonly StreamAccount[]): Sums {
  const sums: Sums = { sent: 0, delivered: 0, lost: 0, indeterminate: 0, duplicated: 0, reordered: 0 };
  for (const account of streams) {
    for (const name of Object.keys(sums))
      if (!name.startsWith('unexpected')) sums[name]! += account[name as 'sent'];
    for (const [kind, count] of Object.entries(account.unexpected))
      sums[`unexpected.${kind}`] = (sums[`unexpected.${kind}`] ?? 0) + count;
  }
  return sums;
}

function measuredSums({ messages }: RunResult): Sums {
  const { sent, delivered, lost, indeterminate, duplicated, reordered, unexpected } = messages;
  const kinds = Object.entries(unexpected).map(([kind, count]) => [`unexpected.${kind}`, count]);
  return { sent, delivered, lost, indeterminate, duplicated, reordered, ...Object.fromEntries(kinds) };
}

/** Nearest rank, as HdrHistogram defines its percentiles. */
function quantile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? 0;
}

function differing(what: string, measured: Sums, truth: Sums): string[] {
  const names = new Set([...Object.keys(measured), ...Object.keys(truth)]);
  return [...names]
    .filter((name) => (measured[name] ?? 0) !== (truth[name] ?? 0))
    .map((name) => `${what} ${name}: measured ${measured[name] ?? 0}, truth ${truth[name] ?? 0}`);
}

function extentsOf(streams: readonly StreamAccount[]): Sums {
  const sorted = streams.flatMap(({ extents }) => extents).sort((a, b) => a - b);
  return {
    count: sorted.length,
    min: sorted[0] ?? 0,
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    max: sorted.at(-1) ?? 0,
  };
}

function measuredExtents({ ordering: { extent } }: RunResult): Sums {
  const { count, min, p50, p90, max } = extent;
  return { count, min: min ?? 0, p50: p50 ?? 0, p90: p90 ?? 0, max: max ?? 0 };
}

/** The witness in the words of the account. */
function witnessText(violation: Violation): string {
  const { kind, stream } = violation;
  if (kind === 'reordered') return `reordered ${stream} ${violation.sequence} ${violation.extent}`;
  if (kind === 'unexpected') return `unexpected ${stream} ${violation.what}`;
  return `${kind} ${stream} ${violation.sequence}`;
}

/** Up to here a run of one thread or two keeps every witness (VIOLATION_LIMIT of share-driver.ts, by thread). */
const ALL_KEPT = 4_000;

/** Every witness is one of the log's violations; and where the run kept them all, every violation has its witness. */
function witnessDifferences(directory: string, streams: readonly StreamAccount[]): string[] {
  const lines = readFileSync(path.join(directory, 'violations.ndjson'), 'utf8').split('\n').filter(Boolean);
  const measured = counted(lines.map((line) => witnessText(JSON.parse(line) as Violation)));
  const violations = streams.flatMap((account) => account.violations);
  const truth = counted(violations);
  const invented = Object.keys(measured).filter((line) => measured[line]! > (truth[line] ?? 0));
  const missing = Object.keys(truth).filter((line) => truth[line]! > (measured[line] ?? 0));
  return [
    ...invented.map((line) => `a witness of what never was: ${line}`),
    ...(violations.length > ALL_KEPT ? [] : missing.map((line) => `no witness: ${line}`)),
  ];
}

function counted(lines: readonly string[]): Sums {
  const counts: Sums = {};
  for (const line of lines) counts[line] = (counts[line] ?? 0) + 1;
  return counts;
}

/** Streams with a violation, and the worst of them, where the result has them. */
function streamDifferences({ ordering }: RunResult, streams: readonly StreamAccount[]): string[] {
  const { detail } = ordering;
  if (detail === undefined) return [];
  const byStream = new Map(streams.map((account) => [account.stream, account]));
  const affected = streams.filter(({ violations }) => violations.length > 0).length;
  const reached = detail.nReordered.map((_, index) => [`n=${index + 1}`, degreesFrom(streams, index + 1)]);
  return [
    ...differing('streams', { affected: detail.streams.affected }, { affected }),
    ...detail.streams.worst.flatMap((row) =>
      differing(`stream ${row.stream}`, orderOf(row), orderOfAccount(byStream.get(row.stream))),
    ),
    ...differing(
      'n-reordered',
      Object.fromEntries(detail.nReordered.map((count, index) => [`n=${index + 1}`, count])),
      Object.fromEntries(reached),
    ),
  ];
}

function degreesFrom(streams: readonly StreamAccount[], n: number): number {
  return streams.flatMap(({ degrees }) => degrees).filter((degree) => degree >= n).length;
}

function orderOf({ delivered, reordered, duplicated, lost, unexpected }: StreamOrder): Sums {
  return { delivered, reordered, duplicated, lost, unexpected };
}

function orderOfAccount(account: StreamAccount | undefined): Sums {
  if (account === undefined) return {};
  const { delivered, reordered, duplicated, lost } = account;
  const unexpected = Object.values(account.unexpected).reduce((sum, count) => sum + count, 0);
  return { delivered, reordered, duplicated, lost, unexpected };
}

/** What the run in the directory has other than the server's tally; nothing when every count is right. */
export function differences(directory: string, result: RunResult, tally: RogueTally): string[] {
  const { streams, unsound } = tally;
  return [
    ...(unsound === 0 ? [] : [`${unsound} messages came in unsound`]),
    ...differing('messages', measuredSums(result), sumsOf(streams)),
    ...differing('extent', measuredExtents(result), extentsOf(streams)),
    ...witnessDifferences(directory, streams),
    ...streamDifferences(result, streams),
  ];
}

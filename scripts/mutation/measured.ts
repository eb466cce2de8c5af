/** What mutation testing measures: the pure parts, where numbers are made and judged. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { type Random, shuffled } from '../../bench/measure/random.ts';

/** Files by part, as patterns of their paths; a part has a score of its own. */
const PARTS: Readonly<Record<string, RegExp>> = {
  'bench/measure': /^bench\/measure\//,
  'bench/judge': /^bench\/judge\//,
  'reports/statistics': /^reports\/statistics\//,
  'reports/compare': /^reports\/compare\/(compare|comparison|metrics|self-check|settings|side)\.ts$/,
  'reports/history':
    /^reports\/history\/(changes|groups|history|metrics|permutation-tests|rises|trends)\.ts$/,
  'cost (stack/aws)': /^stack\/aws\/(cost|fleet-cost|measured-cost|prices|run-cost)\.ts$/,
};

const NOT_PRODUCT = /\.test\.ts$|\/testing\//;

/** The measured files of a part. */
export interface Part {
  readonly name: string;
  readonly files: readonly string[];
}

/** The measured files that match one of the patterns, by part. */
export function measuredParts(patterns: readonly string[]): Part[] {
  const files = ['bench', 'reports', 'stack']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => file.endsWith('.ts') && !NOT_PRODUCT.test(file))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
    .sort();
  return Object.entries(PARTS)
    .map(([name, pattern]) => ({ name, files: files.filter((file) => pattern.test(file)) }))
    .filter(({ files }) => files.length > 0);
}

/** Lines that a commit and the working tree differ in, as `file:first-last`, of measured files. */
export function changedLines(base: string): string[] {
  const parts = measuredParts([]).flatMap(({ files }) => files);
  const diff = execFileSync(
    'git',
    ['diff', '--unified=0', '--no-renames', '--diff-filter=d', base, '--', ...parts],
    {
      encoding: 'utf8',
    },
  );
  return rangesOf(diff);
}

/** The lines that a diff without context adds or changes. */
export function rangesOf(diff: string): string[] {
  let file = '';
  return diff.split('\n').flatMap((line) => {
    file = /^\+\+\+ b\/(.*)/.exec(line)?.[1] ?? file;
    const [, first, count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (first === undefined || count === '0') return [];
    return [`${file}:${first}-${Number(first) + Number(count) - 1}`];
  });
}

/** Longer ranges are sampled piece by piece. */
const PIECE_LINES = 40;

/** A sample of ranges that has at most so many lines; all of them where they fit. */
export function sampledLines(ranges: readonly string[], most: number, random: Random): string[] {
  if (linesOf(ranges) <= most) return [...ranges];
  const sample: string[] = [];
  for (const piece of shuffled(ranges.flatMap(piecesOf), random))
    if (linesOf([...sample, piece]) <= most) sample.push(piece);
  return sample;
}

function piecesOf(range: string): string[] {
  const [first, last] = boundsOf(range);
  return Array.from({ length: Math.ceil((last - first + 1) / PIECE_LINES) }, (_, at) => {
    const start = first + at * PIECE_LINES;
    return `${fileOf(range)}:${start}-${Math.min(last, start + PIECE_LINES - 1)}`;
  });
}

export function linesOf(ranges: readonly string[]): number {
  return ranges.map(boundsOf).reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** The path of a file or of a range of its lines. */
export function fileOf(range: string): string {
  return range.replace(/:.*/, '');
}

/** First and last line; of a whole file, all. */
function boundsOf(range: string): [number, number] {
  const [, first, last] = /:(\d+)-(\d+)$/.exec(range) ?? [];
  return first === undefined
    ? [1, readFileSync(range, 'utf8').split('\n').length]
    : [Number(first), Number(last)];
}

/** Starting Stryker takes a few seconds, and what it found is kept when a batch is through. */
const BATCH_LINES = 400;

/** Files, or ranges of their lines, in batches: all of a file in one, and several small files together. */
export function batchesOf(ranges: readonly string[]): string[][] {
  const batches: string[][] = [];
  for (const file of new Set(ranges.map(fileOf))) {
    const ofFile = ranges.filter((range) => fileOf(range) === file);
    const last = batches.at(-1);
    if (last === undefined || linesOf([...last, ...ofFile]) > BATCH_LINES) batches.push(ofFile);
    else last.push(...ofFile);
  }
  return batches;
}

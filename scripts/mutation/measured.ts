/** What mutation testing measures: the pure parts, where numbers are made and judged. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** Files by part, as patterns of their paths; a part has a score of its own. */
const PARTS: readonly RegExp[] = [
  /^bench\/(model|measure|judge)\//,
  /^reports\/statistics\//,
  /^reports\/compare\/(compare|comparison|metrics|self-check|settings|side)\.ts$/,
  /^reports\/history\/(changes|groups|history|metrics|permutation-tests|rises|trends)\.ts$/,
  /^stack\/aws\/(cost|measured-cost|prices|run-cost)\.ts$/,
];

const NOT_PRODUCT = /\.test\.ts$|fixture|\/testing\//;

/** The measured files that match one of the patterns, by part. */
export function measuredParts(patterns: readonly string[]): string[][] {
  const files = ['bench', 'reports', 'stack']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => file.endsWith('.ts') && !NOT_PRODUCT.test(file))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
    .sort();
  return PARTS.map((part) => files.filter((file) => part.test(file))).filter(({ length }) => length > 0);
}

/** Lines that a commit and the working tree differ in, as `file:first-last`, of measured files. */
export function changedLines(base: string): string[] {
  const parts = measuredParts([]).flat();
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

/** As many ranges, from the first on, as have the lines. */
export function firstLines(ranges: readonly string[], most: number): string[] {
  let lines = 0;
  return ranges.filter((range) => {
    const [, first, last] = /:(\d+)-(\d+)$/.exec(range)!;
    lines += Number(last) - Number(first) + 1;
    return lines <= most;
  });
}

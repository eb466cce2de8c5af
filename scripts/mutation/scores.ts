/** What became of the mutants of each file, counted and told. */
import type { MutantResult } from '@stryker-mutator/api/core';

/** One small mistake, and whether a test noticed it. */
export interface Mutant {
  readonly line: number;
  readonly mutator: string;
  readonly was: string;
  readonly became: string;
  readonly isNoticed: boolean;
}

const NOTICED: ReadonlySet<string> = new Set(['Killed', 'Timeout']);
const UNNOTICED: ReadonlySet<string> = new Set(['Survived', 'NoCoverage']);

/** What counts of Stryker's results: texts of several words do not, for the golden texts hold what people read. */
export function countedMutants(results: readonly MutantResult[], source: string): Mutant[] {
  const lines = source.split('\n');
  return results
    .filter(({ status }) => NOTICED.has(status) || UNNOTICED.has(status))
    .map(({ location, mutatorName, replacement = '', status }) => ({
      line: location.start.line,
      mutator: mutatorName,
      was: textAt(lines, location),
      became: replacement,
      isNoticed: NOTICED.has(status),
    }))
    .filter(({ mutator, was }) => mutator !== 'StringLiteral' || !/\s/.test(was))
    .sort((a, b) => a.line - b.line);
}

function textAt(lines: readonly string[], { start, end }: MutantResult['location']): string {
  const part = lines.slice(start.line - 1, end.line);
  part.push(part.pop()!.slice(0, end.column - 1));
  return [part[0]!.slice(start.column - 1), ...part.slice(1)].join('\n');
}

/** Noticed of all, in percent; of none, all. */
export function scoreOf(mutants: readonly Mutant[]): number {
  const noticed = mutants.filter(({ isNoticed }) => isNoticed).length;
  return mutants.length === 0 ? 100 : (noticed / mutants.length) * 100;
}

/** What was found in a file. */
export interface FileMutants {
  readonly file: string;
  readonly mutants: readonly Mutant[];
}

/** `file:line mutator: what was written → what went unnoticed in its place`. */
export function survivorLines({ file, mutants }: FileMutants): string[] {
  const brief = (text: string) => text.replace(/\s+/g, ' ').slice(0, 80);
  return mutants
    .filter(({ isNoticed }) => !isNoticed)
    .map(({ line, mutator, was, became }) => `${file}:${line} ${mutator}: ${brief(was)} → ${brief(became)}`);
}

/** What was found in a part, and the files in which nobody has looked yet. */
export interface MeasuredPart {
  readonly name: string;
  readonly files: readonly FileMutants[];
  readonly unmeasured: readonly string[];
}

/** Markdown: a row for each part, below it one for each of its files that has something to get wrong. */
export function scoreTable(parts: readonly MeasuredPart[]): string {
  const row = (name: string, mutants: readonly Mutant[]) =>
    `| ${name} | ${mutants.length} | ${mutants.filter(({ isNoticed }) => isNoticed).length} | ${scoreOf(mutants).toFixed(1)} % |`;
  return [
    '| part | mutants | noticed | score |',
    '|---|--:|--:|--:|',
    ...parts.flatMap(({ name, files, unmeasured }) => [
      files.length === 0
        ? `| **${name}** | | | not measured |`
        : row(
            `**${name}**`,
            files.flatMap(({ mutants }) => mutants),
          ),
      ...files
        .filter(({ mutants }) => mutants.length > 0)
        .map(({ file, mutants }) => row(file.slice(file.indexOf('/') + 1), mutants)),
      ...unmeasured.map((file) => `| ${file.slice(file.indexOf('/') + 1)} | | | not measured |`),
    ]),
  ].join('\n');
}

/** What a command that measured says at its end: its result for scripts, or its summary for people and where the report is. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { OperatingError } from '../model/failure.ts';
import type { RunDirectory } from '../node/run-directory.ts';
import { note, print, printJson, printStyled } from '../node/terminal.ts';
import { EXIT } from './exit.ts';

/** How much is to be said. */
export interface Loudness {
  readonly quiet: boolean;
  readonly json: boolean;
}

export interface SummaryOptions {
  readonly colour: boolean;
  readonly width: number;
  /** Whether the first line is all that will be said, so that it is to have the reason too. */
  readonly isBrief: boolean;
}

/** The closing summary for a terminal. Its first line that is not empty is the verdict. */
export type SummaryOf<Result> = (result: Result, options: SummaryOptions) => string[];

/** Where results were written, and what was in the way of it. */
export type Place = Pick<RunDirectory, 'path' | 'trouble' | 'isNowhere'>;

/** Results are there, and not all where they were asked for: that has been said, with them. */
export class Misplaced extends OperatingError {}

/**
 * Says it on stdout, whatever became of the files: a result that no disk took is printed, so that it is not lost. Throws
 * {@link Misplaced} when results are not where they were asked for. Who wanted quiet is told in one line on stderr why the exit
 * code is not 0.
 */
export function sayClosing<Result>(
  { quiet, json }: Loudness,
  result: Result,
  place: Place,
  summary: SummaryOf<Result>,
  code: number,
): void {
  if (quiet && code !== EXIT.ok) note(verdictIn(summary, result));
  if (json || place.isNowhere) printJson(result);
  else sayToPeople(quiet, result, place, summary);
  if (place.trouble !== null) throw new Misplaced(place.trouble);
}

/** Columns: more than any sentence of ours has. */
const UNWRAPPED = 10_000;

function verdictIn<Result>(summary: SummaryOf<Result>, result: Result): string {
  const lines = summary(result, { colour: false, width: UNWRAPPED, isBrief: true });
  return lines.find((line) => line !== '') ?? '';
}

function sayToPeople<Result>(quiet: boolean, result: Result, place: Place, summary: SummaryOf<Result>): void {
  const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const width = process.stdout.columns ?? 100;
  if (!quiet) printStyled(summary(result, { colour, width, isBrief: false }));
  const page = path.join(place.path, 'index.html');
  if (existsSync(page)) print(`report: ${path.relative(process.cwd(), page)}`);
}

/** What a command that measured says at its end: its result for scripts, or its summary for people and where the report is. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RunDirectory } from '../edge/run-directory.ts';
import { print, printJson, printStyled } from '../edge/terminal.ts';
import { OperatingError } from './exit.ts';

/** How much is to be said. */
export interface Loudness {
  readonly quiet: boolean;
  readonly json: boolean;
}

/** The closing summary for a terminal. */
export type SummaryOf<Result> = (result: Result, options: { colour: boolean; width: number }) => string[];

/** Where results were written, and what was in the way of it. */
export type Place = Pick<RunDirectory, 'path' | 'trouble' | 'isNowhere'>;

/** Results are there, and not all where they were asked for: that has been said, with them. */
export class Misplaced extends OperatingError {}

/**
 * Says it on stdout, whatever became of the files: a result that no disk took is printed, so that it is not lost. Throws
 * {@link Misplaced} when results are not where they were asked for.
 */
export function sayClosing<Result>(
  { quiet, json }: Loudness,
  result: Result,
  place: Place,
  summary: SummaryOf<Result>,
): void {
  if (json || place.isNowhere) printJson(result);
  else sayToPeople(quiet, result, place, summary);
  if (place.trouble !== null) throw new Misplaced(place.trouble);
}

function sayToPeople<Result>(quiet: boolean, result: Result, place: Place, summary: SummaryOf<Result>): void {
  const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const width = process.stdout.columns ?? 100;
  if (!quiet) printStyled(summary(result, { colour, width }));
  const page = path.join(place.path, 'index.html');
  if (existsSync(page)) print(`report: ${path.relative(process.cwd(), page)}`);
}

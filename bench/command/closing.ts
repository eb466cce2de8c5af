/** What a command that measured says at its end: its result for scripts, or its summary for people and where the report is. */
import path from 'node:path';
import { print, printJson, printStyled } from '../edge/terminal.ts';

/** How much is to be said. */
export interface Loudness {
  readonly quiet: boolean;
  readonly json: boolean;
}

/** The closing summary for a terminal. */
export type SummaryOf<Result> = (result: Result, options: { colour: boolean; width: number }) => string[];

/** Says it on stdout. `directory` holds the report. */
export function sayClosing<Result>(
  { quiet, json }: Loudness,
  result: Result,
  directory: string,
  summary: SummaryOf<Result>,
): void {
  if (json) {
    printJson(result);
    return;
  }
  const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const width = process.stdout.columns ?? 100;
  const lines = quiet ? [] : summary(result, { colour, width });
  const shown = path.relative(process.cwd(), path.join(directory, 'index.html'));
  printStyled(lines);
  print(`report: ${shown}`);
}

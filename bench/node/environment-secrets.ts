/** Secrets of a plan from the environment: a command line can be read by everybody on the machine, and a plan travels. */
import { type Headers, parseHeaderLines } from '../model/header-lines.ts';

/** One 'Name: value' a line. */
export const HEADERS_VARIABLE = 'BENCH_HEADERS';

/** A query such as `token=…&room=7`, for the URL of the stage. */
export const QUERY_VARIABLE = 'BENCH_QUERY';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentSecrets {
  readonly headers: Headers;
  readonly query: string;
}

/** What they are. Problems with them are added to `problems`. */
export function environmentSecrets(environment: Environment, problems: string[]): EnvironmentSecrets {
  const lines = (environment[HEADERS_VARIABLE] ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
  const { headers, problems: found } = parseHeaderLines(lines);
  problems.push(...found.map((problem) => `${HEADERS_VARIABLE}: ${problem}`));
  const query = (environment[QUERY_VARIABLE] ?? '').trim().replace(/^\?/, '');
  if (!/^[\x21\x24-\x7e]*$/.test(query))
    problems.push(`${QUERY_VARIABLE}: must be a query such as token=abc&room=7, percent-encoded`);
  return { headers, query };
}

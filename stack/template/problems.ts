/**
 * Configuration errors of a template, gathered rather than thrown one by one, so that whoever wrote the template sees
 * all of them at once. A problem names what is wrong by its path and, where the text is known, its line.
 */
import { ConfigurationError } from '../../bench/model/failure.ts';
import { UNKNOWN } from './value.ts';

/** A template that cannot be run. `problems` holds every reason found, each with its path and remedy. */
export class TemplateError extends ConfigurationError {
  override readonly name = 'TemplateError';

  constructor(fileName: string, problems: readonly string[]) {
    super(problems);
    this.message = `${fileName} cannot be used as a template:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`;
  }
}

/** What reports problems. */
export interface Reported {
  /** Adds a problem of the value at `path`. Returns what stands for that value from now on. */
  add(path: string, text: string): typeof UNKNOWN;
}

/** Line of a path such as `Resources.Api.Properties.Name`, or of its nearest ancestor; null when unknown. */
export type LineOf = (path: string) => number | null;

/** Gathers problems; the same one is kept once. */
export class Problems implements Reported {
  readonly #fileName: string;
  readonly #lineOf: LineOf;
  readonly #found = new Set<string>();

  constructor(fileName: string, lineOf: LineOf) {
    this.#fileName = fileName;
    this.#lineOf = lineOf;
  }

  add(path: string, text: string): typeof UNKNOWN {
    const line = this.#lineOf(path);
    this.#found.add(`${line === null ? '' : `line ${line}: `}${path}: ${text}`);
    return UNKNOWN;
  }

  /** Ends here with everything found, if anything was. */
  throwIfAny(): void {
    if (this.#found.size > 0) throw new TemplateError(this.#fileName, [...this.#found]);
  }
}

/**
 * The directory of a sweep: sweep.json, and a run directory for each repeat of each cell. sweep.json is what is true: a run
 * directory that it does not name was not finished, and is removed before its run is made again.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { SweepResult } from '../core/sweep/result.ts';
import { ConfigurationError, unreadable } from './configuration-error.ts';
import { RunDirectory } from './run-directory.ts';
import { writeWholeFile } from './whole-file.ts';

const FILE = 'sweep.json';

export class SweepDirectory {
  readonly path: string;
  readonly #fresh: RunDirectory | null;

  private constructor(place: string, fresh: RunDirectory | null) {
    this.path = path.resolve(place);
    this.#fresh = fresh;
  }

  /** Whether there is a sweep to go on with. */
  static holdsSweep(place: string): boolean {
    return existsSync(path.join(place, FILE));
  }

  /** A new one. Throws {@link ConfigurationError} when it can't be made, or is not empty. */
  static make(place: string): SweepDirectory {
    return new SweepDirectory(place, new RunDirectory(place));
  }

  /** One that holds a sweep. */
  static open(place: string): SweepDirectory {
    return new SweepDirectory(place, null);
  }

  /** What was saved. Throws {@link ConfigurationError} when it can't be read by `parse`. */
  read(parse: (json: string) => SweepResult): SweepResult {
    const place = path.join(this.path, FILE);
    try {
      return parse(readFileSync(place, 'utf8'));
    } catch (error) {
      throw new ConfigurationError([`resume: ${unreadable(place, error as NodeJS.ErrnoException)}`]);
    }
  }

  /** Writes sweep.json whole, over what was there. */
  save(sweep: SweepResult): void {
    writeWholeFile(path.join(this.path, FILE), `${JSON.stringify(sweep, null, 1)}\n`);
  }

  /** Removes what a sweep that was killed left half-written: runs that sweep.json does not name, and drafts. */
  sweepOut({ cells }: Pick<SweepResult, 'cells'>): void {
    const named = new Set(
      cells.flatMap(({ runs }) => runs.flatMap((run) => (run.status === 'done' ? [run.directory] : []))),
    );
    for (const cell of this.#list('cells'))
      for (const repeat of this.#list(path.join('cells', cell))) {
        const place = path.posix.join('cells', cell, repeat);
        if (!named.has(place)) this.remove(place);
      }
    for (const name of readdirSync(this.path)) if (/^sweep\.json\.\d+\.tmp$/.test(name)) this.remove(name);
  }

  /** Removes a place inside the directory. */
  remove(place: string): void {
    rmSync(path.join(this.path, place), { recursive: true, force: true });
  }

  /** A run directory, empty; what an unfinished run left there is removed. */
  runDirectory(place: string): RunDirectory {
    this.remove(place);
    mkdirSync(path.dirname(path.join(this.path, place)), { recursive: true });
    return new RunDirectory(path.join(this.path, place));
  }

  /** Removes the directory if it was made for this sweep and is still empty. */
  discard(): void {
    this.#fresh?.discard();
  }

  #list(place: string): string[] {
    const inside = path.join(this.path, place);
    return existsSync(inside) ? readdirSync(inside) : [];
  }
}

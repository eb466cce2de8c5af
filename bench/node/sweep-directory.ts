/**
 * The directory of a sweep: sweep.json, and a run directory for each repeat of each cell. sweep.json is what is true: a run
 * directory that it does not name was not finished, and is removed before its run is made again.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ConfigurationError, unreadable } from '../model/failure.ts';
import type { DoneRun, SweepResult } from '../model/sweep.ts';
import { readTextFile, SAVED_FILE_BYTES, writeWholeFile } from './bounded-file.ts';
import { RunDirectory } from './run-directory.ts';
import { sweptRunProblem } from './swept-run.ts';

/** Name of the file that says what was done. */
export const SWEEP_FILE = 'sweep.json';

export class SweepDirectory {
  readonly path: string;
  readonly #own: RunDirectory;

  private constructor(own: RunDirectory) {
    this.path = own.path;
    this.#own = own;
  }

  /** Whether there is a sweep to go on with. */
  static holdsSweep(directory: string): boolean {
    return existsSync(path.join(directory, SWEEP_FILE));
  }

  /** A new one. Throws {@link ConfigurationError} when it can't be made, is not empty, or is another command's. */
  static make(directory: string): SweepDirectory {
    return new SweepDirectory(new RunDirectory(directory));
  }

  /** One that holds a sweep. Throws {@link ConfigurationError} when another command goes on with it. */
  static open(directory: string): SweepDirectory {
    return new SweepDirectory(new RunDirectory(directory, 'kept'));
  }

  /** What was saved. Throws {@link ConfigurationError} when it can't be read by `parse`. */
  read(parse: (json: string) => SweepResult): SweepResult {
    const file = path.join(this.path, SWEEP_FILE);
    try {
      return parse(readTextFile(file, SAVED_FILE_BYTES));
    } catch (error) {
      throw new ConfigurationError([`resume: ${unreadable(file, error as NodeJS.ErrnoException)}`]);
    }
  }

  /** Writes sweep.json whole, over what was there. */
  save(sweep: SweepResult): void {
    writeWholeFile(path.join(this.path, SWEEP_FILE), `${JSON.stringify(sweep, null, 1)}\n`);
  }

  /** Why a run that sweep.json names can't be relied upon, as a clause; null when it is there and is the one. */
  problemOf({ directory, figures }: Pick<DoneRun, 'directory' | 'figures'>): string | null {
    return sweptRunProblem(path.join(this.path, directory, 'result.json'), figures);
  }

  /** Removes what a sweep that was killed left half-written: runs that sweep.json does not name, and drafts. */
  sweepOut({ cells }: Pick<SweepResult, 'cells'>): void {
    const named = new Set(
      cells.flatMap(({ runs }) => runs.flatMap((run) => (run.status === 'done' ? [run.directory] : []))),
    );
    for (const cell of this.#list('cells'))
      for (const repeat of this.#list(path.join('cells', cell))) {
        const relative = path.posix.join('cells', cell, repeat);
        if (!named.has(relative)) this.remove(relative);
      }
    for (const name of readdirSync(this.path)) if (/^sweep\.json\.\d+\.tmp$/.test(name)) this.remove(name);
  }

  /** Removes what has the path inside the directory. A disk that takes no changes keeps it, and is told of where it matters. */
  remove(relative: string): void {
    try {
      rmSync(path.join(this.path, relative), { recursive: true, force: true });
    } catch {
      // Whoever writes there next meets the same disk.
    }
  }

  /** A run directory, empty; what an unfinished run left there is removed. */
  runDirectory(relative: string): RunDirectory {
    this.remove(relative);
    return RunDirectory.within(path.join(this.path, relative));
  }

  /** Removes the directory if it was made for this sweep and is still empty. */
  discard(): void {
    this.#own.discard();
  }

  #list(relative: string): string[] {
    const inside = path.join(this.path, relative);
    return existsSync(inside) ? readdirSync(inside) : [];
  }
}

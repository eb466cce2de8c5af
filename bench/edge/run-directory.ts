/**
 * The run directory: made before the run, so that a directory that can't be written is found before anything is measured,
 * filled after it, and removed when nothing was measured. Each file is written beside its place and renamed into it:
 * a reader never sees half a file.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { latencyLog } from '../core/hlog.ts';
import type { RunRecord } from '../core/record.ts';
import type { RunResult } from '../core/result.ts';
import { visibleJson } from '../core/visible.ts';
import { ConfigurationError } from './configuration-error.ts';
import type { StageLog } from './stage-log.ts';
import { writeWholeFile } from './whole-file.ts';

/** 40 random bits tell apart what begins in the same second under the same name. */
const SUFFIX_BYTES = 5;

/**
 * `<UTC time>-<name>-<suffix>`, the time in ISO basic format: it sorts and has no character a shell minds. Every call returns
 * another id; with a suffix of its own, a run that is made again from the same data keeps its id.
 */
export function runIdOf(
  name: string,
  epochMs: number,
  suffix = randomBytes(SUFFIX_BYTES).toString('hex'),
): string {
  const time = new Date(epochMs).toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
  return `${time}-${name}-${suffix}`;
}

/**
 * Makes a directory and the parents it lacks; answers the first one made. Node's own recursive mkdir never returns where
 * a parent exists but takes no children, such as /proc.
 */
function makeDirectory(place: string): string | undefined {
  if (existsSync(place)) return undefined;
  const made = makeDirectory(path.dirname(place));
  mkdirSync(place);
  return made ?? place;
}

export class RunDirectory {
  readonly path: string;
  readonly #made: string | undefined;

  /** Makes the directory. Throws {@link ConfigurationError} when it can't be made or written, or is not empty. */
  constructor(directory: string) {
    this.path = path.resolve(directory);
    try {
      this.#made = makeDirectory(this.path);
      const probe = path.join(this.path, '.writable');
      writeFileSync(probe, '');
      rmSync(probe);
    } catch (error) {
      throw new ConfigurationError([`out: ${this.path} can't be written: ${(error as Error).message}`]);
    }
    if (readdirSync(this.path).length > 0) {
      throw new ConfigurationError([
        `out: ${this.path} is not empty; results are not overwritten, name another directory`,
      ]);
    }
  }

  /** Saves what there is before the run is over. A disk that can't take it is reported when the run is. */
  keep(result: RunResult, record: RunRecord, stageLog: StageLog): void {
    try {
      this.save(result, record, stageLog);
    } catch {
      // The final save meets the same disk, and says so.
    }
  }

  /** Writes what was measured, the result first: if the disk fills up, that is what must be there. */
  save(result: RunResult, record: RunRecord, stageLog: StageLog): void {
    this.#write('result.json', `${visibleJson(result, 2)}\n`);
    this.#write('latency.hlog', latencyLog(record.rollup.seconds(), record.measuredFromMs));
    const lines = record.rollup.violations.map((violation) => `${visibleJson(violation)}\n`);
    this.#write('violations.ndjson', lines.join(''));
    if (!stageLog.isEmpty) this.#write('stage.log', stageLog.text());
  }

  /** Removes what was made for the run and is still empty: the directory, its parents. */
  discard(): void {
    let place = this.path;
    const top = this.#made;
    if (top === undefined) return;
    try {
      while (place.startsWith(top)) {
        rmdirSync(place);
        place = path.dirname(place);
      }
    } catch {
      // Not empty: then it is not ours to remove.
    }
  }

  #write(name: string, text: string): void {
    writeWholeFile(path.join(this.path, name), text);
  }
}

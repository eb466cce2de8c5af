/**
 * The run directory: made before the run, so that a directory that can't be written is found before anything is measured,
 * filled after it, and removed when nothing was measured. Each file is written beside its directory and renamed into it:
 * a reader never sees half a file.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { latencyLog } from '../measure/hlog.ts';
import type { RunRecord } from '../measure/record.ts';
import { ConfigurationError } from '../model/failure.ts';
import type { RunResult } from '../model/result.ts';
import { visibleJson } from '../model/visible.ts';
import { writeWholeFile } from './bounded-file.ts';
import {
  claim,
  contentsOf,
  DirectoryInUse,
  makeDirectory,
  release,
  removeEmpty,
  temporaryFor,
  writeOrElsewhere,
} from './directory.ts';
import type { StageLog } from './stage-log.ts';

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

/** What a run leaves. */
export interface Measured {
  readonly result: RunResult;
  readonly record: RunRecord;
  readonly stageLog: StageLog;
}

export class RunDirectory {
  /** As asked for. */
  readonly #claimed: string;
  #path: string;
  #trouble: string | null = null;
  #isNowhere = false;
  readonly #made: string | undefined;

  /**
   * Makes the directory, or takes one that is empty – or holds something, where that is `kept` – for this command alone.
   * Throws {@link ConfigurationError} when it can't be made or written, is not empty, or is another command's.
   */
  constructor(directory: string, contents: 'none' | 'kept' = 'none') {
    this.#claimed = path.resolve(directory);
    this.#path = this.#claimed;
    try {
      this.#made = makeDirectory(this.#path);
      if (contents === 'none') this.#assertEmpty();
      claim(this.#path);
      open.add(this);
      // Another command may have come and gone in between.
      if (contents === 'none') this.#assertEmpty();
    } catch (error) {
      this.discard();
      if (error instanceof ConfigurationError) throw error;
      const { message } = error as Error;
      const isInUse = error instanceof DirectoryInUse;
      throw new ConfigurationError([
        `out: ${isInUse ? message : `${this.#path} can't be written: ${message}`}`,
      ]);
    }
  }

  /** For one of many runs of a command that is under way: where it can't be made, a temporary one stands in and says so. */
  static within(directory: string): RunDirectory {
    try {
      return new RunDirectory(directory);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const other = new RunDirectory(temporaryFor(directory));
      other.#trouble = `${error.message}. The run is in ${other.path}.`;
      return other;
    }
  }

  /** Where the results are: what was asked for, unless that could not take them. */
  get path(): string {
    return this.#path;
  }

  /** Why they are not where they were asked for, and what is where; null where they are. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Whether nothing could be written anywhere. */
  get isNowhere(): boolean {
    return this.#isNowhere;
  }

  /** Writes results into it; where it can't take them, into another directory, which is the directory from then on. */
  async write(write: (directory: string) => unknown): Promise<void> {
    const { directory, trouble } = await writeOrElsewhere(this.#path, write);
    if (trouble !== null) {
      this.#path = directory ?? this.#path;
      this.#isNowhere = directory === null;
      this.#trouble = this.#trouble === null ? trouble : `${this.#trouble} ${trouble}`;
    }
    this.release();
  }

  /** Writes what was measured, and then what `report` makes of it. */
  save(measured: Measured, report?: (directory: string) => Promise<unknown>): Promise<void> {
    return this.write((directory) => {
      saveRun(directory, measured);
      return report?.(directory);
    });
  }

  /** Nothing more is written that another command could be in the way of. */
  release(): void {
    release(this.#claimed);
    open.delete(this);
  }

  /** Removes what was made for the run and is still empty: the directory, its parents. */
  discard(): void {
    this.release();
    if (this.#made !== undefined) removeEmpty(this.#claimed, this.#made);
  }

  #assertEmpty(): void {
    if (contentsOf(this.#path).length > 0)
      throw new ConfigurationError([
        `out: ${this.#path} is not empty; results are not overwritten, name another directory`,
      ]);
  }
}

/** Directories in which nothing was written yet; where the process ends so, nothing is left of them. */
const open = new Set<RunDirectory>();

/** Before a process ends early: gives back what it has claimed, and removes directories that it made and that are empty. */
export function discardOpen(): void {
  for (const directory of open) directory.discard();
}

process.on('exit', discardOpen);

/** The result first: if the disk fills up, that is what must be there. */
function saveRun(directory: string, { result, record, stageLog }: Measured): void {
  const write = (name: string, text: string) => writeWholeFile(path.join(directory, name), text);
  write('result.json', `${visibleJson(result, 2)}\n`);
  write('latency.hlog', latencyLog(record.rollup.seconds(), record.measuredFromMs));
  write(
    'violations.ndjson',
    record.rollup.violations.map((violation) => `${visibleJson(violation)}\n`).join(''),
  );
  if (!stageLog.isEmpty) write('stage.log', stageLog.text());
}

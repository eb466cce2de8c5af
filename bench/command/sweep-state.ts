/**
 * A sweep while it is made: what is done, saved after every run in one piece, so that whatever ends the process costs only
 * the run that it met.
 */

import { differences } from '../judge/sweep/definition.ts';
import { recommend } from '../judge/sweep/recommendation.ts';
import { ConfigurationError, OperatingError } from '../model/failure.ts';
import type { PricesOf } from '../model/prices-text.ts';
import type { RunResult } from '../model/result.ts';
import type { StackHome } from '../model/stage-name.ts';
import type { SweepCell, SweepResult, SweepRun } from '../model/sweep.ts';
import { environmentOf } from '../node/machine.ts';
import { runIdOf } from '../node/run-directory.ts';
import type { SweepDirectory } from '../node/sweep-directory.ts';
import type { ParsedSweep } from './sweep-options.ts';

/** sweep.json can't be written: without it no run counts, so none more is made. */
export class UnsavedSweep extends OperatingError {}

export class SweepState {
  readonly directory: SweepDirectory;
  #result: SweepResult;

  constructor(directory: SweepDirectory, result: SweepResult) {
    this.directory = directory;
    this.#result = result;
  }

  get result(): SweepResult {
    return this.#result;
  }

  /** Adds a run, in the place of one that failed, and saves. */
  addRun(cell: number, run: SweepRun, stage: RunResult['stage'] | null): void {
    const cells = this.#result.cells.map((one, index) => (index === cell ? withRun(one, run) : one));
    this.#change({ cells, stage: this.#result.stage ?? stage });
  }

  /** Notes that a stack is about to be made, before it is: one that nobody knows of is paid for by nobody's choice. */
  stackMade(name: string): void {
    this.#change({ stacks: [...new Set([...this.#result.stacks, name])] });
  }

  /** Notes a stack's ARN, by which alone it is changed and deleted from now on. */
  stackKnown(name: string, id: string): void {
    const { stackIds = {} } = this.#result;
    if (stackIds[name] !== id) this.#change({ stackIds: { ...stackIds, [name]: id } });
  }

  /** Notes where the stacks are, before there is one. */
  at(home: StackHome): void {
    if (this.#result.home === undefined) this.#change({ home });
  }

  /** Notes that a stack is proved to be gone, but for what outlives it. */
  stackGone(name: string, kept: readonly string[]): void {
    const { stacks, stackIds = {}, leftOver = [] } = this.#result;
    const all = [...leftOver, ...kept];
    const { [name]: _, ...others } = stackIds;
    this.#change({
      stackIds: others,
      stacks: stacks.filter((one) => one !== name),
      ...(all.length === 0 ? {} : { leftOver: all }),
    });
  }

  /** Adds to what was spent. */
  spent(usd: number): void {
    const { cost } = this.#result;
    if (cost !== null) this.#change({ cost: { ...cost, spentUsd: cost.spentUsd + usd } });
  }

  /** What the sweep was estimated to cost. */
  estimated(usd: number, prices: PricesOf): void {
    this.#change({ cost: { spentUsd: this.#result.cost?.spentUsd ?? 0, estimatedUsd: usd, ...prices } });
  }

  save(): void {
    this.#change({});
  }

  #change(changes: Partial<SweepResult>): void {
    const endedAt = changes.cells === undefined ? this.#result.endedAt : new Date().toISOString();
    const changed = { ...this.#result, ...changes, endedAt };
    const { cells, repeats } = changed;
    const partial = cells.some(({ runs }) => runs.length < repeats);
    this.#result = { ...changed, partial, recommendation: recommend(changed) };
    try {
      this.directory.save(this.#result);
    } catch (error) {
      throw new UnsavedSweep(
        `the sweep could not be saved in ${this.directory.path} (${(error as Error).message}) and ends here.`,
      );
    }
  }
}

function withRun(cell: SweepCell, run: SweepRun): SweepCell {
  const others = cell.runs.filter(({ repeat }) => repeat !== run.repeat);
  return { ...cell, runs: [...others, run].sort((left, right) => left.repeat - right.repeat) };
}

/** A sweep that has not begun. */
export function freshSweep({ definition, cells }: ParsedSweep, nowMs: number): SweepResult {
  const startedAt = new Date(nowMs).toISOString();
  return {
    schema: 1,
    kind: 'sweep',
    id: runIdOf(`${definition.name}-sweep`, nowMs),
    startedAt,
    endedAt: startedAt,
    partial: true,
    ...definition,
    environment: environmentOf(definition.plan),
    stage: null,
    cells,
    stacks: [],
    cost: null,
    recommendation: recommend({ ...definition, cells }),
  };
}

/** Throws a {@link ConfigurationError} that names every difference between the sweep that was begun and the one asked for. */
export function assertSameSweep(was: SweepResult, { definition }: ParsedSweep, place: string): void {
  const found = differences(was, definition);
  if (found.length === 0) return;
  throw new ConfigurationError(
    found.map(
      (one) =>
        `out: ${place} holds another sweep: ${one}; name another directory, or go on with --resume ${place}`,
    ),
  );
}

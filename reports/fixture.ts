/**
 * Made-up runs for tests and for looking at the reports: one per situation a reader may meet. They are whole run
 * directories, with histograms that agree with the counts, so a test reads them the way the product does. No chance and
 * no clock: the same kind gives the same bytes.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunResult, Violation } from '../bench/core/result.ts';
import { resultOf } from './fixture/result.ts';
import {
  CALM,
  type Counts,
  logOf,
  RATE_PER_SECOND,
  type Script,
  STALL,
  secondOf,
} from './fixture/samples.ts';
import { distrusted, emptied, interrupted, poisoned, withViolations } from './fixture/situations.ts';

export const FIXTURE_KINDS = ['valid', 'violations', 'partial', 'invalid', 'empty', 'hostile'] as const;
export type FixtureKind = (typeof FIXTURE_KINDS)[number];

/** A made-up run, as the files of its directory. */
export interface Fixture {
  readonly result: RunResult;
  readonly log: string;
  readonly violations: readonly Violation[];
}

/** The run of a kind, in full or, for a test of size, with another length. */
export function fixture(kind: FixtureKind, measuredSeconds = 60): Fixture {
  switch (kind) {
    case 'valid':
      return recorded({ ...CALM, measuredSeconds }, {});
    case 'violations':
      return withViolations(
        recorded({ ...STALL, measuredSeconds }, { lost: 3, duplicated: 41, reordered: 117 }),
      );
    case 'partial':
      return {
        ...interrupted(recorded({ ...CALM, measuredSeconds: 23, drainSeconds: 0 }, { lost: 12 })),
        log: '',
      };
    case 'invalid':
      return distrusted(recorded({ ...STALL, measuredSeconds, lagAt: (second) => second * 12 }, {}));
    case 'empty':
      return emptied(recorded({ ...CALM, measuredSeconds: 0 }, {}));
    case 'hostile':
      return poisoned(fixture('violations'));
  }
}

/** Writes the files of a run directory, all but the reports. An empty log or list of violations is left out. */
export async function writeFixture(directory: string, { result, log, violations }: Fixture): Promise<void> {
  await writeFile(join(directory, 'result.json'), JSON.stringify(result));
  if (log !== '') await writeFile(join(directory, 'latency.hlog'), log);
  if (violations.length > 0) {
    await writeFile(
      join(directory, 'violations.ndjson'),
      `${violations.map((v) => JSON.stringify(v)).join('\n')}\n`,
    );
  }
}

function recorded(script: Script, some: Partial<Counts>): Fixture {
  const counts: Counts = { lost: 0, duplicated: 0, reordered: 0, ...some };
  const total = script.measuredSeconds + script.drainSeconds;
  const seconds = Array.from({ length: total }, (_, second) => {
    const isFirst = second === 0;
    const due = second < script.measuredSeconds ? RATE_PER_SECOND : 0;
    return secondOf(script, second, isFirst && due > 0 ? due - counts.lost : due, counts);
  });
  return { result: resultOf(script, seconds, counts), log: logOf(seconds), violations: [] };
}

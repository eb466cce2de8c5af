/**
 * Made-up runs for tests and for looking at the reports: one per situation a reader may meet. They are whole run
 * directories, with histograms that agree with the counts, so a test reads them the way the product does. No chance and
 * no clock: the same kind gives the same bytes.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deployed } from './fixture/deployed.ts';
import { disordered, faulted } from './fixture/disorder.ts';
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
import {
  distrusted,
  emptied,
  type Fixture,
  interrupted,
  poisoned,
  withViolations,
} from './fixture/situations.ts';

export const FIXTURE_KINDS = [
  'valid',
  'deployed',
  'violations',
  'disordered',
  'faulty',
  'partial',
  'invalid',
  'empty',
  'hostile',
] as const;
export type FixtureKind = (typeof FIXTURE_KINDS)[number];

const made = new Map<FixtureKind, Fixture>();

/** The run of a kind. Made once: tests must not change it, and its types say so. */
export function fixture(kind: FixtureKind): Fixture {
  const known = made.get(kind) ?? make(kind);
  made.set(kind, known);
  return known;
}

function make(kind: FixtureKind): Fixture {
  switch (kind) {
    case 'valid':
      return recorded(CALM, {});
    case 'deployed':
      return deployed(recorded({ ...CALM, measuredSeconds: 190 }, {}));
    case 'violations':
      return withViolations(recorded(STALL, { lost: 3, duplicated: 41, reordered: 117 }));
    case 'disordered':
      return disordered(recorded(STALL, { lost: 3, duplicated: 41, reordered: 117 }));
    case 'faulty':
      return faulted(recorded(STALL, { lost: 2, duplicated: 41, reordered: 117 }));
    case 'partial':
      return interrupted(recorded({ ...CALM, measuredSeconds: 23, drainSeconds: 0 }, { lost: 12 }));
    case 'invalid':
      return distrusted(recorded({ ...STALL, lagAt: (second) => second * 12 }, {}));
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

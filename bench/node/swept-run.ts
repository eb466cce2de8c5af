/** Whether the run that sweep.json names is where it says, and is still the one. */
import { existsSync } from 'node:fs';
import type { RunResult } from '../model/result.ts';
import type { DoneRun } from '../model/sweep.ts';
import { readTextFile, SAVED_FILE_BYTES } from './bounded-file.ts';

type Figures = DoneRun['figures'];

/** Why the run whose result is saved there can't be relied upon, as a clause; null when it is the one with these figures. */
export function sweptRunProblem(file: string, figures: Figures): string | null {
  if (!existsSync(file)) return 'is not there';
  try {
    const result = JSON.parse(readTextFile(file, SAVED_FILE_BYTES)) as Partial<RunResult>;
    const other = compared(result, figures).find(([, is = null, was = null]) => is !== was);
    return other === undefined
      ? null
      : `is another run: its ${other[0]} ${other[1] ?? 'absent'}, and sweep.json says ${other[2] ?? 'absent'}`;
  } catch (error) {
    return `can't be read: ${(error as Error).message}`;
  }
}

/** What nothing changes once a run is over; costs and validity are told anew when its metrics are read again. */
function compared(
  { messages, latency }: Partial<RunResult>,
  figures: Figures,
): [string, number | null | undefined, number | null | undefined][] {
  const counts = (['delivered', 'lost', 'reordered'] as const).map(
    (name): [string, number | undefined, number] => [`messages ${name} are`, messages?.[name], figures[name]],
  );
  const percentiles = (['response', 'service'] as const).flatMap((series) =>
    (['p50', 'p90', 'p99'] as const).map(
      (name): [string, number | null | undefined, number | null | undefined] => [
        `${series} ${name} is`,
        latency?.[series]?.[name],
        figures[series]?.[name],
      ],
    ),
  );
  return [...counts, ...percentiles];
}

/**
 * A rehearsal of a first deployment: the whole life of a stack – deploy, probe, run, sweep, adopt, cancel, resume, tear down,
 * clean up – on local endpoints that are set to AWS's slowness and to all that may go wrong there. The commands are those
 * that a user types, as processes of their own. At the end stands a table of what was survived, also as OUT/rehearsal.md.
 *
 * Usage: npm run rehearse -- [--out DIR]
 * It takes under five minutes, needs no account, and sends nothing off this machine. OUT, by default reports/runs/TIME-rehearsal,
 * gets the results of the commands. Exit code: 0 when all was survived, 1 when not, 130 after Ctrl-C, which ends all that runs.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claim, contentsOf, makeDirectory, release } from '../bench/node/directory.ts';
import { warnOfOldNode } from '../bench/node/node-version.ts';
import { guardStandardStreams, note, print, printStyled } from '../bench/node/terminal.ts';
import { Rehearsal } from './rehearsal/rehearsal.ts';
import { STEPS } from './rehearsal/steps.ts';
import { conclusion, HEADER, markdownTable, terminalTable } from './rehearsal/table.ts';
import { refuse, scriptArguments } from './script-arguments.ts';

const INTERRUPTED = 130;

const { values } = scriptArguments({ out: { type: 'string' } });

/** A new directory, or an empty one. */
function outOf(given: string | undefined): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\..*/g, '');
  const out = path.resolve(given ?? path.join('reports', 'runs', `${time}Z-rehearsal`));
  if (existsSync(out) && contentsOf(out).length > 0)
    refuse([`out: ${out} is not empty; name a new directory`]);
  try {
    makeDirectory(out);
    claim(out);
  } catch (error) {
    refuse([`out: ${(error as Error).message}`]);
  }
  return out;
}

function conclude({ rows }: Rehearsal, out: string, seconds: number): number {
  const ending = conclusion(rows, STEPS.length, seconds);
  for (const line of ['', HEADER]) print(line);
  printStyled(terminalTable(rows, process.stdout.columns ?? 100));
  for (const line of ['', ending, `table and results: ${out}`]) print(line);
  writeFileSync(path.join(out, 'rehearsal.md'), markdownTable(rows, ending));
  return rows.length === STEPS.length && rows.every(({ survived }) => survived) ? 0 : 1;
}

async function main(): Promise<number> {
  const out = outOf(values.out);
  const scratch = mkdtempSync(path.join(tmpdir(), 'bench-rehearsal-'));
  const startMs = performance.now();
  let isInterrupted = false;
  const rehearsal = new Rehearsal(
    STEPS,
    { out, scratch },
    {
      began: ({ name }, command) => note(`› ${name}: ${command}`),
      ended: ({ name, survived, evidence, seconds, lastLines }) => {
        note(`${survived ? '✓' : '✗'} ${name}, ${seconds.toFixed(1)} s: ${evidence}`);
        for (const line of lastLines) note(`    ${line}`);
      },
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      isInterrupted = true;
      void rehearsal.stop();
    });
  try {
    await rehearsal.run();
  } catch (error) {
    if (!isInterrupted) note(`error: ${(error as Error).message}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const code = conclude(rehearsal, out, (performance.now() - startMs) / 1_000);
  release(out);
  return isInterrupted ? INTERRUPTED : code;
}

guardStandardStreams();
warnOfOldNode();
process.exitCode = await main();

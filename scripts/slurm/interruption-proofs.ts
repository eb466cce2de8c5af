/** What is proven of Ctrl-C: no task stays behind, and what was measured is not lost. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { BENCH, type Desk, heard, startServer } from './desk.ts';
import { MORTAL, sentIn } from './proofs.ts';

/** Tasks of the job that Slurm has not ended. */
function tasksOf(job: string): string {
  return execFileSync('squeue', ['--noheader', `--jobs=${job}`], { encoding: 'utf8' }).trim();
}

/** Longer than anybody waits: what ends it is Ctrl-C. */
const ENDLESS = { ...MORTAL, duration: '120s' };

/** Ctrl-C cancels the job and merges what the workers save. */
export async function interrupted(desk: Desk): Promise<void> {
  const server = await startServer();
  let ofJob = '';
  const { outcome, result, fleet } = await desk.fleetRun({
    plan: desk.planFile('interrupted', { ...ENDLESS, stage: server.url }),
    workers: 4,
    during: async ({ job, interrupt }) => {
      ofJob = job;
      for (let index = 0; index < 4; index++) await desk.measuring('interrupted', index);
      interrupt();
    },
  });
  const left = tasksOf(ofJob);
  const tally = await server.stop();
  const sent = sentIn(result);
  desk.check(outcome.code === 130, `Ctrl-C while all measure: exit ${outcome.code}`);
  desk.check(left === '', `squeue has nothing left of the job${left === '' ? '' : `:\n${left}`}`);
  const saved = fleet.workers.filter(({ interruption }) => interruption !== null).length;
  desk.check(
    saved === 4 && result.partial,
    `${saved} of 4 workers saved what they had; the result is partial`,
  );
  desk.check(
    sent > 0 && tally.messages === sent,
    `server counted ${tally.messages} messages, the merged run sent ${sent}`,
  );
}

/** A second Ctrl-C ends at once; what the workers save can be merged later. */
export async function interruptedTwice(desk: Desk): Promise<void> {
  const server = await startServer();
  let ofJob = '';
  let pressedMs = 0;
  const outcome = await desk.fleetOutcome({
    plan: desk.planFile('twice', { ...ENDLESS, stage: server.url }),
    workers: 4,
    during: async ({ job, interrupt, said }) => {
      ofJob = job;
      for (let index = 0; index < 4; index++) await desk.measuring('twice', index);
      interrupt();
      await said(/Interrupted: the job was cancelled/);
      pressedMs = performance.now();
      interrupt();
    },
  });
  const tookMs = performance.now() - pressedMs;
  desk.check(
    outcome.code === 130 && tookMs < 1_000 && !existsSync(desk.outOf('twice')),
    `a second Ctrl-C: exit ${outcome.code} after ${tookMs.toFixed(0)} ms, with nothing written`,
  );
  while (tasksOf(ofJob) !== '') await wait(100);
  const [run = ''] = readdirSync(desk.storeOf('twice'));
  const args = [
    'fleet',
    'merge',
    path.join(desk.storeOf('twice'), run),
    '--out',
    desk.outOf('twice'),
    '--quiet',
  ];
  const merge = spawn(process.execPath, [BENCH, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const { code } = await heard(merge).outcome;
  const tally = await server.stop();
  const { result, fleet } = desk.merged('twice');
  desk.check(
    code === 4 && fleet.missing.length === 0 && tally.messages === sentIn(result),
    `merged afterwards: exit ${code}, ${sentIn(result)} messages, of which the server counted ${tally.messages}`,
  );
}

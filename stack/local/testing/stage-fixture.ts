/** What the tests of the whole stage share. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { WebSocket } from 'ws';
import type { StageMetrics } from '../../../bench/model/result.ts';
import { directoryPrefix } from '../function/function-code.ts';

export const TEMPLATE_PATH = fileURLToPath(new URL('../../template.yaml', import.meta.url));

export const TEMPLATE_TEXT = readFileSync(TEMPLATE_PATH, 'utf8');

/** The next texts a client receives. */
export async function received(client: WebSocket, count: number): Promise<string[]> {
  const texts: string[] = [];
  const done = new Promise<void>((resolve) => {
    client.on('message', (data) => {
      texts.push(data.toString());
      if (texts.length === count) resolve();
    });
  });
  if (client.readyState === client.CONNECTING) await once(client, 'open');
  await done;
  return texts;
}

/** The sum of a metric over all periods. */
export function sumOf(metrics: StageMetrics, id: string): number | undefined {
  return metrics.series.find((series) => series.id === id)?.values.reduce((sum, value) => sum + value, 0);
}

/** Ids of all processes that the given one started, directly or not, as the system lists them. */
export function descendants(pid: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const parents = new Map(rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]));
  // The listing's own process is a child too, and gone by now.
  return [...parents.keys()].filter((one) => isRunning(one) && descendsFrom(one, pid, parents));
}

function descendsFrom(one: number, pid: number, parents: ReadonlyMap<number, number>): boolean {
  for (let parent = parents.get(one); parent !== undefined && parent > 1; parent = parents.get(parent)) {
    if (parent === pid) return true;
  }
  return false;
}

/** Whether a process with this id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Temporary directories that belong to a stage's process. */
export function directoriesOf(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(directoryPrefix(pid)));
}

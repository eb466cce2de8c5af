/**
 * What the proofs of fleets work with: a directory, a server that counts, fleets that are started as a user starts them and
 * what becomes of them, and the list of what held and what did not.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { FleetFacts } from '../../bench/model/fleet-facts.ts';
import type { RunResult } from '../../bench/model/result.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
export const BENCH = path.join(ROOT, 'bench', 'bench.mjs');
const CLUSTER = path.join(ROOT, 'scripts', 'slurm', 'cluster.sh');

/** Counts what it hears, and says it when it ends. */
const SERVER = `
  import { WebSocketServer } from ${JSON.stringify(path.join(ROOT, 'node_modules/ws/wrapper.mjs'))};
  const tally = { connections: 0, messages: 0 };
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
  server.on('connection', (socket) => {
    tally.connections++;
    socket.on('message', (data) => { tally.messages++; socket.send(data, { binary: false }); });
  });
  process.on('SIGTERM', () => process.stdout.write(JSON.stringify(tally) + '\\n', () => process.exit(0)));
`;

/** What the server counted. */
export interface Tally {
  readonly connections: number;
  readonly messages: number;
}

/** How a command ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
}

/** A merged run. */
export interface Merged {
  readonly result: RunResult;
  readonly fleet: FleetFacts;
}

/** A fleet that ran. */
export interface Fleet extends Merged {
  readonly outcome: Outcome;
  /** Where the partials are. */
  readonly store: string;
}

/** A fleet that runs. */
export interface Running {
  readonly job: string;
  /** As the terminal does it: to the command and to whatever it has started in its group. */
  interrupt(): void;
  /** Answers when the command has said it. */
  said(pattern: RegExp): Promise<void>;
}

export interface FleetStart {
  readonly plan: string;
  readonly workers: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called when the job is submitted. */
  readonly during?: (running: Running) => Promise<void>;
}

/** How often a state is looked at that nothing tells. */
const LOOK_MS = 50;

/** Workers that do not measure by then never will: opening takes seconds here. */
const PATIENCE_MS = 60_000;

export class Desk {
  readonly place = mkdtempSync(path.join(os.tmpdir(), 'fleet-proof-'));
  #failures = 0;

  get failures(): number {
    return this.#failures;
  }

  check(isSo: boolean, what: string): void {
    if (!isSo) this.#failures++;
    process.stdout.write(`${isSo ? 'ok    ' : 'FAILED'}  ${what}\n`);
  }

  /** Starts a Slurm of so many nodes; the programs of this process's children are its clients. */
  startCluster(nodes: number): void {
    const started = execFileSync('bash', [CLUSTER, 'start', path.join(this.place, 'slurm'), String(nodes)], {
      encoding: 'utf8',
    });
    process.env.SLURM_CONF = /SLURM_CONF=(\S+)/.exec(started)?.[1];
  }

  /** Ends the cluster and, unless it is to be kept, what all of this left. */
  close(isKept: boolean): void {
    execFileSync('bash', [CLUSTER, 'stop', path.join(this.place, 'slurm')]);
    if (isKept) process.stdout.write(`kept: ${this.place}\n`);
    // The controller writes its state once more as it ends.
    else rmSync(this.place, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  planFile(name: string, settings: Readonly<Record<string, unknown>>): string {
    const file = path.join(this.place, `${name}.json`);
    writeFileSync(file, JSON.stringify({ name, ...settings }));
    return file;
  }

  storeOf(name: string): string {
    return path.join(this.place, 'store', name);
  }

  outOf(name: string): string {
    return path.join(this.place, 'out', name);
  }

  merged(name: string): Merged {
    const read = <T>(file: string) =>
      JSON.parse(readFileSync(path.join(this.outOf(name), file), 'utf8')) as T;
    return { result: read('result.json'), fleet: read('fleet.json') };
  }

  /** Runs a fleet to its end. */
  async fleetRun(start: FleetStart): Promise<Fleet> {
    const name = path.basename(start.plan, '.json');
    const outcome = await this.fleetOutcome(start);
    try {
      const [run = ''] = readdirSync(this.storeOf(name));
      return { outcome, ...this.merged(name), store: path.join(this.storeOf(name), run) };
    } catch {
      throw new Error(`the fleet left no result (exit ${outcome.code}):\n${outcome.stderr}`);
    }
  }

  /** The same, whatever it leaves. */
  async fleetOutcome({ plan, workers, environment = {}, during }: FleetStart): Promise<Outcome> {
    const name = path.basename(plan, '.json');
    const args = ['fleet', 'run', plan, '--engine', 'slurm', '--engine-arg=--cpus-per-task=1'];
    const where = ['--workers', String(workers), '--store', this.storeOf(name), '--out', this.outOf(name)];
    const child = spawn(process.execPath, [BENCH, ...args, ...where], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
      detached: true,
    });
    const { outcome, said } = heard(child);
    if (during !== undefined) {
      const [, job = ''] = await Promise.race([said(/job (\d+);/), outcome.then(() => [])]);
      const interrupt = () => process.kill(-child.pid!, 'SIGINT');
      try {
        await during({ job, interrupt, said: async (pattern) => void (await said(pattern)) });
      } catch (error) {
        if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
        throw error;
      }
    }
    return outcome;
  }

  /** Answers when the worker of the only run in the named store measures. */
  async measuring(name: string, index: number): Promise<void> {
    const root = this.storeOf(name);
    const state = () => {
      try {
        const file = path.join(root, readdirSync(root)[0]!, `progress-0000${index}.json`);
        return JSON.parse(readFileSync(file, 'utf8')).state as string;
      } catch {
        return '';
      }
    };
    const untilMs = performance.now() + PATIENCE_MS;
    while (state() !== 'measuring') {
      if (performance.now() > untilMs)
        throw new Error(`worker ${index} of ${name} is '${state()}' after ${PATIENCE_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

/** A child's stderr and end. */
export function heard(child: ChildProcess): {
  outcome: Promise<Outcome>;
  said(pattern: RegExp): Promise<RegExpExecArray>;
} {
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const outcome = new Promise<Outcome>((resolve) => child.on('close', (code) => resolve({ code, stderr })));
  const said = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(stderr);
        if (match !== null) resolve(match);
      };
      listeners.add(look);
      look();
      void outcome.then(() => reject(new Error(`it ended without saying ${pattern}:\n${stderr}`)));
    });
  return { outcome, said };
}

/** Starts a server that echoes and counts, in a process of its own. */
export async function startServer(): Promise<{ url: string; stop(): Promise<Tally> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [port] = (await once(lines, 'line')) as [string];
  return {
    url: `ws://127.0.0.1:${port}`,
    async stop() {
      const last = once(lines, 'line');
      child.kill('SIGTERM');
      return JSON.parse(((await last) as [string])[0]) as Tally;
    },
  };
}

/** The benchmark's processes: one echo server, and one subject at a time. All end with the benchmark, by their ids. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SubjectMessage, SubjectOutcome, SubjectTask } from './window.ts';

/** A subject that takes longer hangs. */
const SUBJECT_LIMIT_MS = 60_000;

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function start(file: string, args: readonly string[], flags: readonly string[]): ChildProcess {
  const place = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(place, args, { execArgv: [...flags], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** The echo server and what it costs. */
export class EchoServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static start(): Promise<EchoServer> {
    const child = start('./echo-server.mjs', [], []);
    return new Promise((resolve, reject) => {
      child.once('message', ({ port }: { port: number }) => resolve(new EchoServer(child, port)));
      child.once('exit', () => reject(new Error('the echo server ended')));
    });
  }

  /** Processor time it has used, microseconds. */
  cpuMicros(): Promise<number> {
    return new Promise((resolve) => {
      this.#child.once('message', ({ cpuMicros }: { cpuMicros: number }) => resolve(cpuMicros));
      this.#child.send('cpu');
    });
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** What one subject came to, and the share of a core that the server used meanwhile. */
export interface Sample extends SubjectOutcome {
  readonly serverCores: number;
}

/** Runs one subject to its end. Rejects when it ends without an outcome, or takes too long. */
export async function sample(server: EchoServer, task: Omit<SubjectTask, 'port'>): Promise<Sample> {
  const args = [JSON.stringify({ ...task, port: server.port } satisfies SubjectTask)];
  const child = start('./subject.ts', args, ['--import', 'tsx', '--expose-gc']);
  let before = Promise.resolve(0);
  const outcome = await new Promise<SubjectOutcome>((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`${task.subject} on ${task.connections}: ${what}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('took too long');
    }, SUBJECT_LIMIT_MS);
    child.on('message', (message: SubjectMessage) => {
      if (message.kind === 'begin') before = server.cpuMicros();
      else if (message.messages > 0) resolve(message);
      else fail('nothing came back in the window; the machine is too busy to measure');
    });
    // The channel is empty when it closes; the exit may come before the last message.
    child.once('disconnect', () => {
      clearTimeout(timer);
      fail('ended early');
    });
  });
  const usedMicros = (await server.cpuMicros()) - (await before);
  return { ...outcome, serverCores: usedMicros / 1000 / outcome.ms };
}

/** The processes of the rehearsal. Each begins a group of its own, so that it can be ended with all that it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** For a local stage to close its functions. */
const END_WITHIN_MS = 5_000;

/** What the caller's environment says of AWS and of CI is not for these. */
const OWN = /^(AWS|GITHUB)_/;

/** A command that runs. */
export interface Child {
  /** All that it said so far. */
  said(): string;
  /** The exit code, or null where it was killed. */
  readonly exited: Promise<number | null>;
  /** To the process alone. */
  interrupt(): void;
  /** Ends the process and all that it started. */
  kill(): void;
}

export class Children {
  readonly #running = new Set<Child>();

  /** Starts `bench …`, or `performance …`, which is a script. */
  start([program, ...args]: readonly string[], environment: Readonly<Record<string, string>>): Child {
    const entry = program === 'bench' ? ['bench/bench.mjs'] : ['--import', 'tsx', `scripts/${program}.ts`];
    const kept = Object.entries(process.env).filter(([name]) => !OWN.test(name));
    const env = { ...Object.fromEntries(kept), AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
    const child = childOf(
      spawn(process.execPath, [...entry, ...args], {
        ...{ cwd: ROOT, env: { ...env, ...environment }, detached: true },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    this.#running.add(child);
    void child.exited.then(() => this.#running.delete(child));
    return child;
  }

  /** Ends all of them: as they would themselves, else without asking. */
  async end(): Promise<void> {
    const running = [...this.#running];
    for (const child of running) child.interrupt();
    const all = Promise.all(running.map(({ exited }) => exited));
    await Promise.race([all, setTimeout(END_WITHIN_MS, null, { ref: false })]);
    for (const child of running) child.kill();
    await all;
  }
}

function childOf(child: ChildProcess): Child {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (some: string) => {
      text += some;
    });
  return {
    said: () => text,
    exited: new Promise((resolve) => child.once('close', (code) => resolve(code))),
    interrupt: () => void child.kill('SIGINT'),
    kill: () => {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // Nobody of the group is left.
      }
    },
  };
}

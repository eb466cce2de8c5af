/**
 * For tests of what commands answer: the command line in one process that stays and takes one command after the other.
 * Starting `bench` takes a second of the processor, most of it to load what an answer of a moment needs. Here it is the same
 * `main`, with the same arguments, environment, output and exit codes. What belongs to a process – signals, a terminal, that
 * it ends by itself – is for `startBench`, and so is whatever measures time.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Outcome, uncalibrated, watched } from './cli.ts';

const ENTRY = fileURLToPath(new URL('./warm-cli-entry.mjs', import.meta.url));

/** Without this the SDK warns of Node 20 on the standard error of every command; `bench.mjs` sets it too. */
const QUIET_SDK = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

export interface WarmBench {
  /** Runs `bench` to its end with the tests' own environment. A run is not calibrated unless it says --calibration. */
  run(...args: string[]): Promise<Outcome>;
  /** The same with these settings of AWS and no others. */
  runWith(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Outcome>;
  stop(): Promise<void>;
}

/** Starts the process. Commands that are asked for together wait for each other. */
export function warmBench(): WarmBench {
  const child = spawn(process.execPath, [ENTRY], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const { exited } = watched(child);
  const ended = exited.then(({ stderr }) => Promise.reject(new Error(`the command line ended: ${stderr}`)));
  ended.catch(() => {});
  let turn: Promise<unknown> = Promise.resolve();
  const runWith = (environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Outcome> => {
    const run = turn.then(() => {
      const answer = new Promise<Outcome>((resolve) => child.once('message', resolve));
      child.send({ args: uncalibrated(args), environment: { ...QUIET_SDK, ...environment } });
      return Promise.race([answer, ended]);
    });
    turn = run.catch(() => {});
    return run;
  };
  return {
    run: (...args) => runWith(awsEnvironment(), ...args),
    runWith,
    stop: async () => {
      // A command that failed half-way may have left its handlers of gentler signals.
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function awsEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));
  return Object.fromEntries(entries) as Record<string, string>;
}

/** For end-to-end tests: the command line as a child process, and echo servers in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '../model/result.ts';

const BENCH = fileURLToPath(new URL('../bench.mjs', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs; `exited` always settles. */
export interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<Outcome>;
  /** Settles with the match when stdout or stderr has matched. */
  saw(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Children of a test that failed half-way must not outlive the tests. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** The child as a command that runs; it does not outlive the tests. */
export function watched(child: ChildProcess): Running {
  children.add(child);
  child.once('exit', () => children.delete(child));
  let stdout = '';
  let stderr = '';
  const waiting: {
    pattern: RegExp;
    resolve: (match: RegExpExecArray) => void;
    reject: (error: Error) => void;
  }[] = [];
  const look = () => {
    for (const { pattern, resolve } of waiting) {
      const match = pattern.exec(stdout) ?? pattern.exec(stderr);
      if (match !== null) resolve(match);
    }
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    look();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    look();
  });
  const exited = new Promise<Outcome>((resolve) => {
    child.on('close', (code) => {
      for (const { pattern, reject } of waiting) {
        reject(new Error(`ended before ${pattern} was seen:\n${stdout}\n${stderr}`));
      }
      resolve({ code, stdout, stderr });
    });
  });
  const saw = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      waiting.push({ pattern, resolve, reject });
      look();
    });
  return { child, exited, saw };
}

/** Two seconds of calibration in every run would be a minute of the tests: a run that is to have one says so. */
export function uncalibrated(args: readonly string[]): readonly string[] {
  return args[0] !== 'run' || args.includes('--calibration') ? args : [...args, '--no-calibration'];
}

/** Starts `bench` with the arguments. A run is not calibrated unless they say --calibration. */
export function startBench(...args: string[]): Running {
  return watched(
    spawn(process.execPath, [BENCH, ...uncalibrated(args)], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

/** Starts `bench` in an environment of its own, without what the tests' own has of AWS. */
export function startBenchWith(environment: Readonly<Record<string, string>>, ...args: string[]): Running {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const env = { ...Object.fromEntries(own), ...environment };
  return watched(
    spawn(process.execPath, [BENCH, ...uncalibrated(args)], { env, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

/** Runs `bench` to its end in an environment of its own. */
export function benchWith(
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Outcome> {
  return startBenchWith(environment, ...args).exited;
}

/** Starts a command of an installed package, its standard input open as a terminal's is. */
export function startTool(name: string, ...args: string[]): Running {
  const place = fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
  return watched(spawn(place, args, { stdio: ['pipe', 'pipe', 'pipe'] }));
}

/** Runs any program to its end, with more in its environment than the tests' own. */
export function toolRun(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const env = { ...process.env, ...environment };
  return watched(spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })).exited;
}

/** Runs `bench` to its end. */
export function bench(...args: string[]): Promise<Outcome> {
  return startBench(...args).exited;
}

/** Runs a shell line in which `$BENCH` is the command. */
export function shell(line: string): Promise<Outcome> {
  const BENCH_LINE = `${process.execPath} ${BENCH}`;
  return watched(
    spawn('bash', ['-c', line], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, BENCH: BENCH_LINE },
    }),
  ).exited;
}

/** A server program of a few lines, independent of the product but for the `ws` package. */
export interface Server {
  readonly url: string;
  readonly pid: number;
  /** Ends it and answers what it printed after its port, parsed as JSON. */
  stop(): Promise<unknown>;
}

/** Starts a server whose connections are handled by the body of a function of `socket` and `tally`. */
export async function startServer(body: string): Promise<Server> {
  const program = `
    const { WebSocketServer } = require('ws');
    const tally = {};
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => console.log(server.address().port));
    server.on('connection', (socket, request) => { ${body} });
    process.on('SIGTERM', () => { process.stdout.write(JSON.stringify(tally) + '\\n', () => process.exit(0)); });
  `;
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: path.dirname(BENCH),
  });
  const running = watched(child);
  const [port] = await running.saw(/^\d+/);
  return {
    url: `ws://127.0.0.1:${port}`,
    pid: child.pid!,
    stop: async () => {
      child.kill('SIGTERM');
      const { stdout } = await running.exited;
      return JSON.parse(stdout.split('\n')[1] ?? 'null');
    },
  };
}

/** Every arrival goes back at once. */
export const ECHO = "socket.on('message', (data) => socket.send(data, { binary: false }));";

/** A local stage in a process of its own. */
export interface LocalStage {
  /** Where clients connect, or the endpoints of a stage without a stack. */
  readonly url: string;
  /** Of its AWS services. */
  readonly endpoint: string;
  /** What commands, SDKs and the AWS CLI need to find its AWS endpoints. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<Outcome>;
}

/** Starts a local stage of the ideal profile on a free port. */
export async function startLocalStage(...flags: string[]): Promise<LocalStage> {
  const { child, exited, saw } = startBench('stage', 'local', '--port', '0', '--profile', 'ideal', ...flags);
  const [, url = '', port] = await saw(/ready at (\w+:\/\/127\.0\.0\.1:(\d+)\S*)/);
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    url,
    endpoint,
    environment: { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1' },
    stop: () => {
      child.kill('SIGINT');
      return exited;
    },
  };
}

/** A temporary directory that the test removes. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const place = mkdtempSync(path.join(os.tmpdir(), 'bench-test-'));
  return { path: place, remove: () => rmSync(place, { recursive: true, force: true }) };
}

/** The result in a run directory. */
export function resultIn(directory: string): RunResult {
  return JSON.parse(readFileSync(path.join(directory, 'result.json'), 'utf8')) as RunResult;
}

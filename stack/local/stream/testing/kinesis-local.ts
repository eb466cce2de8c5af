/**
 * The npm package kinesis-local (Kinesis Mock) as a process of its own: somebody else's reading of the Kinesis API, to hold
 * ours against. It binds every interface and offers no setting for that, so it is started with a few lines in front of it
 * that send each of its servers to a free port on loopback, and tell which.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** How long it may take to listen; half a second is usual. */
const START_MS = 15_000;

/** Stands for the port of its server without TLS, which is told to the parent by this number. Never bound. */
const PLAIN_PORT = 4_568;

/** Runs inside the process, before the package. */
const ON_LOOPBACK = `
  import { Server } from 'node:net';
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (first, ...rest) {
    const done = rest.find((each) => typeof each === 'function');
    return listen.call(this, { port: 0, host: '127.0.0.1' }, () => {
      if ((first?.port ?? first) === ${PLAIN_PORT}) process.send({ port: this.address().port });
      done?.call(this);
    });
  };
`;

export interface KinesisLocal {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts it with one stream. Rejects with its output when it does not come up. */
export async function startKinesisLocal(streamName: string, shards: number): Promise<KinesisLocal> {
  const program = fileURLToPath(import.meta.resolve('kinesis-local'));
  const instant = ['CREATE_STREAM', 'REGISTER_STREAM_CONSUMER', 'DEREGISTER_STREAM_CONSUMER'];
  const child = fork(program, {
    cwd: path.dirname(program),
    execArgv: ['--import', `data:text/javascript,${encodeURIComponent(ON_LOOPBACK)}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      AWS_ACCOUNT_ID: '123456789012',
      AWS_REGION: 'us-east-1',
      INITIALIZE_STREAMS: `${streamName}:${shards}`,
      KINESIS_MOCK_PLAIN_PORT: String(PLAIN_PORT),
      LOG_LEVEL: 'ERROR',
      ...Object.fromEntries(instant.map((action) => [`${action}_DURATION`, '1ms'])),
    },
  });
  return { endpoint: `http://127.0.0.1:${await portOf(child)}`, close: () => end(child) };
}

async function portOf(child: ChildProcess): Promise<number> {
  const lines: string[] = [];
  child.stdout?.on('data', (text) => lines.push(String(text)));
  child.stderr?.on('data', (text) => lines.push(String(text)));
  const limit = AbortSignal.timeout(START_MS);
  const started = once(child, 'message', { signal: limit }).then(([message]) => message as { port: number });
  const ended = once(child, 'exit', { signal: limit }).then(() => null);
  const first = await Promise.race([started, ended]).catch(() => null);
  started.catch(() => {});
  ended.catch(() => {});
  if (first) return first.port;
  await end(child);
  throw new Error(`kinesis-local did not start: ${lines.join('')}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

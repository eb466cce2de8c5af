/**
 * How fast the driver is, against what else one could do with a socket in Node. `ours` is the product's share driver with all
 * it tracks, `ours-zero` the same with `--masking zero`, `ours-ws` the same with its frames left to `ws`; the others are plain `ws`
 * that counts, `ws` with JSON and a histogram, and bare sockets that send one prepared frame. Each subject is a process of its own
 * against one echo server, with one message in flight on every connection, in turns and several times, because only what ran side
 * by side on one machine can be compared.
 *
 * Two ratios to plain `ws` are given. That of echoes per second is what a user sees, and is bounded by the server: where
 * its column says that it used its whole core, the faster subject waited for it. That of messages per processor second
 * is what the client itself costs, and holds on a busy machine too.
 *
 * Usage: npm run bench:driver [-- --connections 50,500,5000] [--repeats N] [--seconds S] [--idle N] [--port N] [--json]
 * With --port the clients drive a server of yours on 127.0.0.1 that echoes whole masked text frames.
 * Exit code 1: a subject could not be run. There is no other judgement.
 */
import os from 'node:os';
import {
  type EchoServer,
  echoServerAt,
  type Sample,
  sample,
  startEchoServer,
} from './driver-bench/children.ts';
import type { SubjectTask } from './driver-bench/window.ts';
import { scriptArguments, wholeOf } from './script-arguments.ts';

const SUBJECTS = ['ours', 'ours-zero', 'ours-ws', 'ws', 'ws-json-hdr', 'net'] as const;
type Subject = (typeof SUBJECTS)[number];

/** Enough for V8 to have compiled what is hot. */
const WARMUP_MS = 300;

/** Of these a single sample per size will do: no bar is set by them. */
const SAMPLED_ONCE: readonly Subject[] = ['ours-ws', 'ws-json-hdr'];

/** Medians of the repeats. A ratio is the median of the ratios within each repeat, with its extremes. */
interface Row {
  readonly connections: number;
  readonly subject: Subject;
  readonly perSecond: number;
  readonly cpuMicrosPerMessage: number;
  readonly serverCores: number;
  readonly connectsPerSecond: number;
  readonly toWs: Spread;
  readonly cpuToWs: Spread;
}

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

interface Measures {
  readonly machine: { readonly node: string; readonly cpus: number; readonly loadAverage: number };
  readonly rows: readonly Row[];
  /** Figures that are no race, by name; the unit is the name's end. */
  readonly figures: Readonly<Record<string, number>>;
}

const { values } = scriptArguments({
  connections: { type: 'string', default: '50,500,5000' },
  repeats: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '1' },
  idle: { type: 'string', default: '10000' },
  port: { type: 'string' },
  json: { type: 'boolean', default: false },
});
const asked = {
  connections: values.connections.split(',').map((text) => wholeOf('connections', text, 1, 50_000)),
  repeats: wholeOf('repeats', values.repeats, 1, 100),
  seconds: wholeOf('seconds', values.seconds, 1, 600),
  idle: wholeOf('idle', values.idle, 0, 100_000),
  port: values.port === undefined ? null : wholeOf('port', values.port, 1, 65_535),
};

function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((left, right) => left - right);
  return { median: sorted[sorted.length >> 1]!, min: sorted[0]!, max: sorted.at(-1)! };
}

const perSecond = ({ messages, ms }: Sample) => (messages / ms) * 1000;
const cpuPerMessage = ({ cpuMicros, messages }: Sample) => cpuMicros / messages;

/** All repeats of one size, by subject. The order turns with each, so that nobody always follows the same other. */
async function race(server: EchoServer, connections: number): Promise<Map<Subject, Sample[]>> {
  const samples = new Map<Subject, Sample[]>(SUBJECTS.map((subject) => [subject, []]));
  for (let repeat = 0; repeat < asked.repeats; repeat++) {
    for (let turn = 0; turn < SUBJECTS.length; turn++) {
      const subject = SUBJECTS[(turn + repeat) % SUBJECTS.length]!;
      if (repeat > 0 && SAMPLED_ONCE.includes(subject)) continue;
      const measuredMs = asked.seconds * 1000;
      const task: Omit<SubjectTask, 'port'> = { subject, connections, warmupMs: WARMUP_MS, measuredMs };
      samples.get(subject)!.push(await sample(server, task));
    }
  }
  return samples;
}

function rowsOf(connections: number, samples: Map<Subject, Sample[]>): Row[] {
  const base = samples.get('ws')!;
  return SUBJECTS.map((subject) => {
    const own = samples.get(subject)!;
    const median = (figure: (sample: Sample) => number) => spreadOf(own.map(figure)).median;
    return {
      connections,
      subject,
      perSecond: median(perSecond),
      cpuMicrosPerMessage: median(cpuPerMessage),
      serverCores: median(({ serverCores }) => serverCores),
      connectsPerSecond: median(({ openMs }) => (connections / openMs) * 1000),
      toWs: spreadOf(own.map((each, repeat) => perSecond(each) / perSecond(base[repeat]!))),
      cpuToWs: spreadOf(own.map((each, repeat) => cpuPerMessage(base[repeat]!) / cpuPerMessage(each))),
    };
  });
}

/** What is measured beside the race. Another measurement is another line here. */
const FIGURES: readonly ((server: EchoServer) => Promise<Record<string, number>>)[] = [memory, recording];

async function memory(server: EchoServer): Promise<Record<string, number>> {
  const connections = asked.idle;
  if (connections === 0) return {};
  const held = await sample(server, { subject: 'idle', connections, warmupMs: 0, measuredMs: 1000 });
  return {
    idleConnections: connections,
    rssPerIdleConnectionBytes: (held.rssOpen - held.rssBefore) / connections,
  };
}

async function recording(server: EchoServer): Promise<Record<string, number>> {
  const task = { subject: 'record', connections: 0, warmupMs: 0, measuredMs: 1000 } as const;
  return { histogramRecordNanos: cpuPerMessage(await sample(server, task)) * 1000 };
}

async function measure(): Promise<Measures> {
  const server = asked.port === null ? await startEchoServer() : echoServerAt(asked.port);
  const rows: Row[] = [];
  const figures: Record<string, number> = {};
  for (const connections of asked.connections) {
    process.stderr.write(`${connections} connections\n`);
    rows.push(...rowsOf(connections, await race(server, connections)));
  }
  for (const figure of FIGURES) Object.assign(figures, await figure(server));
  server.stop();
  const machine = { node: process.version, cpus: os.cpus().length, loadAverage: os.loadavg()[0]! };
  return { machine, rows, figures };
}

const ratio = ({ median, min, max }: Spread) =>
  `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`.padStart(18);

function line(row: Row): string {
  return [
    String(row.connections).padStart(6),
    row.subject.padEnd(12),
    Math.round(row.perSecond).toString().padStart(9),
    ratio(row.toWs),
    row.cpuMicrosPerMessage.toFixed(2).padStart(9),
    ratio(row.cpuToWs),
    (Number.isNaN(row.serverCores) ? '–' : row.serverCores.toFixed(2)).padStart(8),
    Math.round(row.connectsPerSecond).toString().padStart(9),
  ].join(' ');
}

/** What random masks and frames of `ws` cost the driver, at each number of connections. */
function costs(rows: readonly Row[]): string[] {
  return asked.connections.map((connections) => {
    const cpuOf = (subject: Subject) =>
      rows.find((row) => row.connections === connections && row.subject === subject)!.cpuMicrosPerMessage;
    const more = (dear: Subject, cheap: Subject) => {
      const micros = cpuOf(dear) - cpuOf(cheap);
      return `${micros.toFixed(2)} µs (${((100 * micros) / cpuOf(cheap)).toFixed(0)} %)`;
    };
    return `${connections} connections: a random mask costs ${more('ours', 'ours-zero')} per message, frames of ws ${more('ours-ws', 'ours')}`;
  });
}

function table({ machine, rows, figures }: Measures): string {
  const head =
    ' conns client        echoes/s             to ws    µs/msg      to ws, by CPU   server connect/s';
  return [
    head,
    ...rows.map(line),
    '',
    ...costs(rows),
    ...Object.entries(figures).map(([name, value]) => `${name}: ${Math.round(value).toLocaleString('en')}`),
    `Node ${machine.node}, ${machine.cpus} processors, load average at the end ${machine.loadAverage.toFixed(1)}`,
  ].join('\n');
}

const measures = await measure();
if (!values.json) process.stdout.write(`${table(measures)}\n`);
else {
  process.stderr.write(`${table(measures)}\n`);
  process.stdout.write(`${JSON.stringify(measures, null, 2)}\n`);
}

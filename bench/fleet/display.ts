/** The live display of a fleet: a line of sums, and one for each worker as long as they fit; plain lines elsewhere. */
import { printable, writeTo } from '../node/terminal.ts';
import { stateOf, type Watched } from './watch.ts';

/** Workers that have a line each; of more of them only the states are counted. */
const MAX_LINES = 32;

/** Lines off a terminal are this far apart, unless the states changed. */
const PLAIN_MS = 10_000;

export class FleetDisplay {
  readonly #stream: NodeJS.WriteStream;
  #lines = 0;
  #before = '';
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(workers: readonly Watched[], nowMs: number): void {
    const states = statesText(workers);
    if (this.#stream.isTTY) {
      this.#redraw([
        sumText(workers, states),
        ...(workers.length > this.#room() ? [] : workers.map(workerText)),
      ]);
    } else if (states !== this.#before || nowMs - this.#shownMs >= PLAIN_MS) {
      writeTo(this.#stream, sumText(workers, states));
      this.#shownMs = nowMs;
    }
    this.#before = states;
  }

  /** Says a line that stays, above what is drawn. */
  note(line: string): void {
    const away = this.#lines === 0 ? '' : `\x1b[${this.#lines}A\x1b[0J`;
    this.#stream.write(away);
    writeTo(this.#stream, line);
    this.#lines = 0;
  }

  /** Workers that fit a terminal: what has left it at the top can't be drawn again. */
  #room(): number {
    return Math.min(MAX_LINES, (this.#stream.rows ?? MAX_LINES) - 2);
  }

  #redraw(lines: readonly string[]): void {
    const up = this.#lines === 0 ? '' : `\x1b[${this.#lines}A`;
    this.#stream.write(`${up}${lines.map((line) => `\x1b[2K${printable(line)}\n`).join('')}`);
    this.#lines = lines.length;
  }
}

function statesText(workers: readonly Watched[]): string {
  const counts = new Map<string, number>();
  for (const worker of workers) counts.set(stateOf(worker), (counts.get(stateOf(worker)) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}

function sumText(workers: readonly Watched[], states: string): string {
  const sum = (name: 'connections' | 'sent' | 'delivered') =>
    workers.reduce((total, { progress }) => total + (progress?.[name] ?? 0), 0);
  return `workers: ${states} · ${sum('connections')} connections · ${sum('sent')} sent · ${sum('delivered')} back`;
}

function workerText(worker: Watched): string {
  const { index, progress } = worker;
  const counts =
    progress === null
      ? ''
      : `${progress.connections} connections, ${progress.sent} sent, ${progress.delivered} back`;
  return `  ${String(index).padStart(4)}  ${stateOf(worker).padEnd(11)} ${counts}`;
}

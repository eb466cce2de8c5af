/**
 * What really passed between driver and stage, and what follows from it by brute force: the trivial twin of reader, ledger
 * and recorder. It keeps every frame, parses each as JSON, and counts with sets and loops over whole histories. It shares
 * no line with what it judges, and none of its cleverness.
 */
import type { LinkTap } from '../link.ts';

/** What became of one stream's messages, in the ledger's words. */
export interface StreamTruth {
  sent: number;
  delivered: number;
  reordered: number;
  duplicated: number;
  lost: number;
  indeterminate: number;
  unexpected: number;
}

export const TRUTH_KINDS = [
  'sent',
  'delivered',
  'reordered',
  'duplicated',
  'lost',
  'indeterminate',
  'unexpected',
] as const satisfies readonly (keyof StreamTruth)[];

interface LinkHistory {
  readonly sent: string[];
  readonly arrived: string[];
  accepted: number;
  /** Every closing by the driver: when, and how much had arrived. */
  readonly closings: { readonly atMs: number; readonly step: number; readonly arrived: number }[];
  /** The step at which the connection had ended; Infinity before. */
  endedStep: number;
}

/** The probe's connection: the first that is dialled. */
const PROBE_LINK = 0;

const decoder = new TextDecoder();

export class Truth implements LinkTap {
  readonly #now: () => number;
  readonly #links = new Map<number, LinkHistory>();
  #steps = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Messages that the gateway took in, the probe's included. */
  get acceptedByGateway(): number {
    return [...this.#links.values()].reduce((sum, link) => sum + link.accepted, 0);
  }

  sent(link: number, text: string): void {
    this.#link(link).sent.push(text);
  }

  accepted(link: number): void {
    this.#link(link).accepted += 1;
  }

  received(link: number, bytes: Uint8Array): void {
    this.#link(link).arrived.push(decoder.decode(bytes));
  }

  closed(link: number): void {
    const history = this.#link(link);
    history.closings.push({ atMs: this.#now(), step: this.#steps++, arrived: history.arrived.length });
  }

  ended(link: number): void {
    this.#link(link).endedStep = this.#steps++;
  }

  /** By the text of the messages' `stream`. Streams that sent nothing are left out. */
  byStream(): Map<string, StreamTruth> {
    const links = [...this.#links].filter(([link]) => link !== PROBE_LINK);
    // Of all links: the last that is closed may have sent nothing.
    const endMs = Math.max(...links.flatMap(([, { closings }]) => closings.map(({ atMs }) => atMs)));
    const driven = links.filter(([, { sent }]) => sent.length > 0);
    return new Map(driven.map(([, history]) => [streamOf(history.sent[0]!), judged(history, endMs)]));
  }

  #link(link: number): LinkHistory {
    let history = this.#links.get(link);
    if (history === undefined) {
      history = { sent: [], arrived: [], accepted: 0, closings: [], endedStep: Number.POSITIVE_INFINITY };
      this.#links.set(link, history);
    }
    return history;
  }
}

/** The sum of all streams. */
export function totalOf(streams: Iterable<StreamTruth>): StreamTruth {
  const total = {
    sent: 0,
    delivered: 0,
    reordered: 0,
    duplicated: 0,
    lost: 0,
    indeterminate: 0,
    unexpected: 0,
  };
  for (const stream of streams) for (const kind of TRUTH_KINDS) total[kind] += stream[kind];
  return total;
}

function streamOf(text: string): string {
  return (JSON.parse(text) as { readonly stream: string }).stream;
}

/**
 * When the run is over the driver closes every connection it still drives at one moment, the last at which it closes any.
 * What arrives on them after that is not looked at; what is outstanding then is lost, unless the connection was being
 * replaced already.
 */
function judged({ sent, arrived, closings, endedStep }: LinkHistory, endMs: number): StreamTruth {
  const final = closings.at(-1)?.atMs === endMs ? closings.at(-1)! : null;
  const before = closings.filter((closing) => closing !== final && closing.atMs < endMs);
  const seen = arrived.slice(0, final?.arrived).map((text) => sequenceOf(text, sent));
  const numbers = seen.filter((sequence) => sequence !== null);
  const firsts = numbers.filter((sequence, index) => numbers.indexOf(sequence) === index);
  const reordered = firsts.filter((sequence, index) =>
    firsts.slice(0, index).some((other) => other > sequence),
  );
  const outstanding = sent.length - firsts.length;
  const isLost = final !== null && final.step < endedStep && before.length === 0;
  return {
    sent: sent.length,
    delivered: firsts.length,
    reordered: reordered.length,
    duplicated: numbers.length - firsts.length,
    lost: isLost ? outstanding : 0,
    indeterminate: isLost ? 0 : outstanding,
    unexpected: seen.length - numbers.length,
  };
}

/** Which of the messages sent this is, hops aside; null when it is none of them, to the letter. */
function sequenceOf(text: string, sent: readonly string[]): number | null {
  try {
    const { hops: _, ...message } = JSON.parse(text) as Record<string, unknown>;
    const sequence = Number(message.sequence);
    return sent[sequence] === JSON.stringify(message) ? sequence : null;
  } catch {
    return null;
  }
}

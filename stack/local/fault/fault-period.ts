/**
 * The faults of one measurement, armed. It decides which of them strikes, under two rules that keep the tallies exact:
 * every fault draws for every message it could strike, whatever the others do; and a message that one fault has struck,
 * or that another was held back for, is not struck again anywhere on its way. Otherwise a duplicate made at ingest could
 * be dropped at delivery, and both counts would be wrong.
 */
import {
  emptyFaultCounts,
  emptyFaultTally,
  type Fault,
  type FaultCounts,
  type FaultPlan,
  type FaultSite,
  type FaultTally,
  isActive,
} from '../../../bench/core/fault.ts';
import type { Random } from '../../../bench/ports.ts';

/** Messages remembered as struck. One that so many others were struck after is no longer on its way. */
const STRUCK_LIMIT = 100_000;

export class FaultPeriod {
  readonly tallies = new FaultTallies();
  /** In the plan's order. */
  readonly faults: readonly ArmedFault[];
  /** Those that strike a message when it is put into the stream. */
  readonly onPut: readonly ArmedFault[];
  readonly onDelivery: readonly ArmedFault[];
  readonly onCallback: readonly ArmedFault[];
  readonly onInvocation: readonly ArmedFault[];
  /** By age: a set keeps the order of its insertions. */
  readonly #struck = new Set<string>();

  /** `zeroMs` is the clock reading of the start of measurement. */
  constructor(plan: FaultPlan, random: Random, zeroMs: number) {
    const { tallies } = this;
    this.faults = plan.faults.map(
      (fault) => new ArmedFault({ fault, random: random.fork(fault.name), zeroMs, tallies }),
    );
    this.onPut = this.at('ingest', 'shard');
    this.onDelivery = this.at('delivery');
    this.onCallback = this.at('callback');
    this.onInvocation = this.at('function');
  }

  /** Faults at a place, in the plan's order. */
  at(...sites: readonly FaultSite[]): ArmedFault[] {
    return this.faults.filter(({ fault }) => sites.includes(fault.where));
  }

  isStruck({ key }: MessageIdentity): boolean {
    return this.#struck.has(key);
  }

  /** Keeps the message from being struck from now on. */
  spare({ key }: MessageIdentity): void {
    this.#struck.add(key);
    if (this.#struck.size <= STRUCK_LIMIT) return;
    for (const oldest of this.#struck) {
      this.#struck.delete(oldest);
      return;
    }
  }

  /** The fault takes the message. */
  strike(armed: ArmedFault, message: MessageIdentity): void {
    this.spare(message);
    armed.count('touched', message);
  }
}

/** The first of the faults that picks this one. All of them draw. */
export function firstThatPicks(faults: readonly ArmedFault[], nowMs: number): ArmedFault | null {
  let first: ArmedFault | null = null;
  for (const armed of faults) if (armed.picks(nowMs)) first ??= armed;
  return first;
}

interface ArmedFaultOptions {
  readonly fault: Fault;
  /** Its own, so that what one fault draws changes nothing for another. */
  readonly random: Random;
  /** Clock reading of the start of measurement. */
  readonly zeroMs: number;
  readonly tallies: FaultTallies;
}

/** A fault of the plan, armed for one measurement: its window on the clock, its chance, and what it has done so far. */
export class ArmedFault {
  readonly fault: Fault;
  readonly tally: FaultTally;
  readonly #random: Random;
  readonly #zeroMs: number;
  readonly #tallies: FaultTallies;

  constructor({ fault, random, zeroMs, tallies }: ArmedFaultOptions) {
    this.fault = fault;
    this.tally = emptyFaultTally(fault);
    this.#random = random;
    this.#zeroMs = zeroMs;
    this.#tallies = tallies;
  }

  /** Clock reading at which it begins. */
  get fromMs(): number {
    return this.#zeroMs + this.fault.atMs;
  }

  /** Clock reading at which it ends; null when it does not. */
  get untilMs(): number | null {
    return this.fault.forMs === null ? null : this.fromMs + this.fault.forMs;
  }

  isActive(nowMs: number): boolean {
    return isActive(this.fault, nowMs - this.#zeroMs);
  }

  /** Whether it is at work and chance picks this one. Draws only while at work. */
  picks(nowMs: number): boolean {
    return this.isActive(nowMs) && this.#random.next() < this.fault.ratio;
  }

  /** A place in a list of `length`, by chance. */
  pickIndex(length: number): number {
    return Math.floor(this.#random.next() * length);
  }

  count(what: FaultCount, place: CountedAt | null): void {
    this.#tallies.count(this.tally, what, place);
  }
}

/** What is counted. */
type FaultCount = keyof FaultTally;

/** Where it is counted, beside its fault. */
interface CountedAt {
  readonly connectionId: string;
  readonly stream: string | null;
}

/**
 * What the faults did, counted three ways: by fault, by connection, and by the stream that struck messages name. The
 * words are the ledger's, so that what was done can be held against what a driver saw, stream by stream.
 */
class FaultTallies {
  readonly #byConnection = new Map<string, FaultCounts>();
  readonly #byStream = new Map<string, FaultCounts>();

  /** Adds one to a fault's own tally and to those of its place. A place of null is known for no connection. */
  count(ofFault: FaultTally, what: FaultCount, place: CountedAt | null): void {
    ofFault[what] = (ofFault[what] ?? 0) + 1;
    if (place === null) return;
    tallyIn(this.#byConnection, place.connectionId)[what] += 1;
    if (place.stream !== null) tallyIn(this.#byStream, place.stream)[what] += 1;
  }

  /** By connection id; those that nothing happened to are left out. */
  get byConnection(): ReadonlyMap<string, Readonly<FaultCounts>> {
    return this.#byConnection;
  }

  /** By the text of `stream`. */
  get byStream(): ReadonlyMap<string, Readonly<FaultCounts>> {
    return this.#byStream;
  }
}

function tallyIn(tallies: Map<string, FaultCounts>, name: string): FaultCounts {
  let tally = tallies.get(name);
  if (tally === undefined) {
    tally = emptyFaultCounts();
    tallies.set(name, tally);
  }
  return tally;
}

/**
 * Which message this is, at any point of its way: the same text goes in and comes back, or comes back with trace times
 * added, so a message that numbers itself is known by its numbers and any other by its text.
 */

export interface MessageIdentity {
  readonly connectionId: string;
  /** The body's `stream`, where the body is a JSON object that has one as text. */
  readonly stream: string | null;
  /** The same for a message and its echo. */
  readonly key: string;
}

/** Identity of a message by its connection and body. */
export function messageIdentity(connectionId: string, text: string): MessageIdentity {
  const { stream, sequence } = fieldsOf(text);
  const name = typeof stream === 'string' ? stream : null;
  const isNumbered = typeof sequence === 'string' || typeof sequence === 'number';
  const key = isNumbered ? `${connectionId} ${name} ${sequence}` : `${connectionId} ${text}`;
  return { connectionId, stream: name, key };
}

function fieldsOf(text: string): { readonly stream?: unknown; readonly sequence?: unknown } {
  if (!text.startsWith('{')) return {};
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}

/**
 * Arms the faults of one measurement and decides which of them strikes. Two rules keep the tallies exact: every fault
 * draws for every message it could strike, whatever the others do; and a message that one fault has struck, or that
 * another was held back for, is not struck again anywhere on its way.
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
} from '../../../bench/model/fault.ts';
import type { Random } from '../../../bench/ports.ts';

/** Messages remembered as struck. One that so many others were struck after is no longer on its way. */
const STRUCK_LIMIT = 100_000;

/** Where something is counted, beside its fault. */
interface CountedAt {
  readonly connectionId: string;
  readonly stream: string | null;
}

export interface MessageIdentity extends CountedAt {
  /** The body's `stream`, where the body is a JSON object that has one as text. */
  readonly stream: string | null;
  /** The same for a message and its echo. */
  readonly key: string;
}

/**
 * Which message this is, at any point of its way: the same text goes in and comes back, or comes back with trace times
 * added, so a message that numbers itself is known by its numbers and any other by its text.
 */
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

/** A fault of the plan with its window on the clock, its chance, and what it has done so far. */
export class ArmedFault {
  readonly fault: Fault;
  readonly tally: FaultTally;
  /** Its own, so that what one fault draws changes nothing for another. */
  readonly #random: Random;
  readonly #period: FaultPeriod;

  constructor(fault: Fault, random: Random, period: FaultPeriod) {
    this.fault = fault;
    this.tally = emptyFaultTally(fault);
    this.#random = random;
    this.#period = period;
  }

  /** Clock reading at which it begins. */
  get fromMs(): number {
    return this.#period.zeroMs + this.fault.atMs;
  }

  /** Clock reading at which it ends; null when it does not. */
  get untilMs(): number | null {
    return this.fault.forMs === null ? null : this.fromMs + this.fault.forMs;
  }

  isActive(nowMs: number): boolean {
    return isActive(this.fault, nowMs - this.#period.zeroMs);
  }

  /** Whether it is at work and chance picks this one. Draws only while at work. */
  picks(nowMs: number): boolean {
    return this.isActive(nowMs) && this.#random.next() < this.fault.ratio;
  }

  pickOf<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random.next() * list.length)];
  }

  /** Adds one to its own tally and to those of the connection and stream; null where neither is known. */
  count(what: keyof FaultTally, place: CountedAt | null): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
    if (place === null) return;
    tallyIn(this.#period.byConnection, place.connectionId)[what] += 1;
    if (place.stream !== null) tallyIn(this.#period.byStream, place.stream)[what] += 1;
  }
}

function tallyIn(tallies: Map<string, FaultCounts>, name: string): FaultCounts {
  const tally = tallies.get(name) ?? emptyFaultCounts();
  tallies.set(name, tally);
  return tally;
}

export class FaultPeriod {
  /** Clock reading of the start of measurement. */
  readonly zeroMs: number;
  /** In the plan's order. */
  readonly faults: readonly ArmedFault[];
  /** Those that strike a message when it is put into the stream. */
  readonly onPut: readonly ArmedFault[];
  readonly onDelivery: readonly ArmedFault[];
  readonly onCallback: readonly ArmedFault[];
  readonly onInvocation: readonly ArmedFault[];
  /** What was done by connection, and by the text of `stream`, in the ledger's words; what nothing happened to is left out. */
  readonly byConnection = new Map<string, FaultCounts>();
  readonly byStream = new Map<string, FaultCounts>();
  /** By age: a set keeps the order of its insertions. */
  readonly #struck = new Set<string>();

  constructor(plan: FaultPlan, random: Random, zeroMs: number) {
    this.zeroMs = zeroMs;
    this.faults = plan.faults.map((fault) => new ArmedFault(fault, random.fork(fault.name), this));
    this.onPut = this.at('ingest', 'shard');
    this.onDelivery = this.at('delivery');
    this.onCallback = this.at('callback');
    this.onInvocation = this.at('function');
  }

  at(...sites: readonly FaultSite[]): ArmedFault[] {
    return this.faults.filter(({ fault }) => sites.includes(fault.where));
  }

  isStruck({ key }: MessageIdentity): boolean {
    return this.#struck.has(key);
  }

  /** Keeps the message from being struck from now on. */
  spare({ key }: MessageIdentity): void {
    this.#struck.add(key);
    const [oldest] = this.#struck.size > STRUCK_LIMIT ? this.#struck : [];
    if (oldest !== undefined) this.#struck.delete(oldest);
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

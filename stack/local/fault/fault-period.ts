/**
 * The faults of one measurement, armed. It decides which of them strikes, under two rules that keep the tallies exact:
 * every fault draws for every message it could strike, whatever the others do; and a message that one fault has struck,
 * or that another was held back for, is not struck again anywhere on its way. Otherwise a duplicate made at ingest could
 * be dropped at delivery, and both counts would be wrong.
 */
import type { FaultPlan, FaultSite } from '../../../bench/core/fault.ts';
import type { Random } from '../../../bench/ports.ts';
import { ArmedFault } from './armed-fault.ts';
import { FaultTallies } from './fault-tallies.ts';
import type { MessageIdentity } from './message-identity.ts';

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

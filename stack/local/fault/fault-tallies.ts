/**
 * What the faults did, counted three ways: by fault, by connection, and by the stream that struck messages name. The
 * words are the ledger's, so that what was done can be held against what a driver saw, stream by stream.
 */
import { emptyFaultCounts, type FaultCounts, type FaultTally } from '../../../bench/core/fault.ts';

/** What is counted. */
export type FaultCount = keyof FaultTally;

/** Where it is counted, beside its fault. */
export interface CountedAt {
  readonly connectionId: string;
  readonly stream: string | null;
}

export class FaultTallies {
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

/**
 * A run on virtual time against a peer that refuses, loses, duplicates and closes by chance, and keeps its own tally of
 * everything it did. What the driver reports must equal the tally, whoever reconnects and whatever is churned.
 */

import { summarise } from '../../judge/summary.ts';
import { type Random, seededRandom } from '../../measure/random.ts';
import type { Plan } from '../../model/plan.ts';
import type { RunResult } from '../../model/result.ts';
import type { Connection, ConnectionEvents, Dialer } from '../../ports.ts';
import { VirtualClock } from '../../sim/virtual-clock.ts';
import { run } from '../run.ts';
import { ShareDriver } from '../share-driver.ts';

export interface Chaos {
  /** Shares of dials refused, of messages lost, and of echoes sent twice. */
  readonly refused: number;
  /** What a refused dial is told; HTTP_503 where left out. */
  readonly refusal?: string;
  readonly lost: number;
  readonly duplicated: number;
  /** Mean time after which the peer closes a connection; Infinity for never. */
  readonly lifetimeMs: number;
  readonly answerMs: number;
  readonly connectMs: number;
}

/** A peer that does nothing wrong. */
export const CALM: Chaos = {
  refused: 0,
  lost: 0,
  duplicated: 0,
  lifetimeMs: Number.POSITIVE_INFINITY,
  answerMs: 20,
  connectMs: 5,
};

/** What the peer did, over the whole run. */
export interface ChaosTally {
  attempts: number;
  failedAttempts: number;
  opened: number;
  closedEarly: number;
  /** Closed by the driver before it had sent everything. */
  churned: number;
  sent: number;
  delivered: number;
  duplicated: number;
  indeterminate: number;
  lost: number;
}

/** Close code of the peer's. Gone, as API Gateway's own is at its limits. */
const GONE = 1001;

export class ChaosPeer implements Dialer {
  readonly tally: ChaosTally = {
    attempts: 0,
    failedAttempts: 0,
    opened: 0,
    closedEarly: 0,
    churned: 0,
    sent: 0,
    delivered: 0,
    duplicated: 0,
    indeterminate: 0,
    lost: 0,
  };
  readonly clock: VirtualClock;
  readonly chaos: Chaos;
  readonly random: Random;
  /** Times of the dials. */
  readonly dialedMs: number[] = [];
  /** Streams of the connections that were sent anything, in no order. */
  readonly streams: string[] = [];
  /** Set when nothing is sent any more: who closes then ends the run. */
  isDraining = false;

  constructor(clock: VirtualClock, chaos: Chaos, seed: number) {
    this.clock = clock;
    this.chaos = chaos;
    this.random = seededRandom(seed).fork('chaos');
  }

  /** The first two dials, that of the probe and one more, succeed: a run needs a connection. */
  dial(_url: string, events: ConnectionEvents): Connection {
    this.dialedMs.push(this.clock.now());
    return new ChaosConnection(this, events, this.dialedMs.length <= 2);
  }
}

class ChaosConnection implements Connection {
  readonly #peer: ChaosPeer;
  readonly #events: ConnectionEvents;
  #state: 'opening' | 'open' | 'ended' = 'opening';
  #stream: string | null = null;
  #unanswered = 0;

  constructor(peer: ChaosPeer, events: ConnectionEvents, isSafe: boolean) {
    this.#peer = peer;
    this.#events = events;
    peer.tally.attempts++;
    const isRefused = peer.random.next() < peer.chaos.refused && !isSafe;
    this.#after(peer.chaos.connectMs, () => (isRefused ? this.#refuse() : this.#open()));
  }

  isOpen(): boolean {
    return this.#state === 'open';
  }

  backlogBytes(): number {
    return 0;
  }

  send(bytes: Uint8Array): void {
    const { tally, chaos, random, streams } = this.#peer;
    const copy = bytes.slice();
    if (this.#stream === null) {
      this.#stream = (JSON.parse(new TextDecoder().decode(copy)) as { stream: string }).stream;
      streams.push(this.#stream);
    }
    tally.sent++;
    this.#unanswered++;
    if (random.next() < chaos.lost) return;
    this.#after(chaos.answerMs, () => this.#echo(copy, true));
    if (random.next() < chaos.duplicated) this.#after(chaos.answerMs + 1, () => this.#echo(copy, false));
  }

  close(): void {
    if (this.#state === 'open') this.#end(this.#peer.isDraining ? null : 'churned', 1000);
    this.#state = 'ended';
  }

  #open(): void {
    if (this.#state !== 'opening') return;
    const { tally, chaos, random } = this.#peer;
    this.#state = 'open';
    tally.opened++;
    if (chaos.lifetimeMs < Number.POSITIVE_INFINITY) {
      this.#after(-Math.log(1 - random.next()) * chaos.lifetimeMs, () => this.#end('closedEarly', GONE));
    }
    this.#events.opened();
  }

  #refuse(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'ended';
    this.#peer.tally.failedAttempts++;
    this.#events.failed(this.#peer.chaos.refusal ?? 'HTTP_503', '');
  }

  #echo(bytes: Uint8Array, isFirst: boolean): void {
    if (this.#state !== 'open') return;
    this.#peer.tally[isFirst ? 'delivered' : 'duplicated']++;
    if (isFirst) this.#unanswered--;
    this.#events.received(bytes, 0, bytes.length);
  }

  #end(as: 'closedEarly' | 'churned' | null, code: number): void {
    if (this.#state !== 'open') return;
    const { tally } = this.#peer;
    this.#state = 'ended';
    if (as !== null) tally[as]++;
    tally[as === null ? 'lost' : 'indeterminate'] += this.#unanswered;
    this.#events.closed(code, '');
  }

  #after(delayMs: number, task: () => void): void {
    const { clock } = this.#peer;
    clock.at(clock.now() + delayMs, task);
  }
}

const FACTS = {
  kind: 'url',
  url: 'ws://127.0.0.1/',
  name: 'chaos',
  region: null,
  parameters: {},
  profile: null,
  notes: [],
} as const;

/** Drives the plan against the peer and answers what the driver says and what the peer knows. */
export async function runChaos(
  plan: Plan,
  chaos: Chaos,
): Promise<{ result: RunResult; tally: ChaosTally; peer: ChaosPeer }> {
  const clock = new VirtualClock(1_700_000_000_000);
  const peer = new ChaosPeer(clock, chaos, plan.seed);
  const record = await clock.runUntil(
    run({
      plan,
      stage: {
        facts: FACTS,
        hasMetrics: false,
        metrics: () => Promise.resolve(null),
        close: () => Promise.resolve(),
      },
      sharesMachine: false,
      id: 'chaos',
      runId: '0123456789abcdef',
      headers: {},
      environment: {
        ...{ node: '', os: '', cpus: '', version: '', commit: null },
        ...{ threads: plan.threads, seed: plan.seed },
      },
      clock,
      dialer: peer,
      newWorker: (assignment, listener) =>
        new ShareDriver({ assignment, clock, dialer: peer, listener, health: null }),
      hostMeter: () => 0,
      observer: {
        phase: (phase) => {
          // The probe's own connection is no part of the run.
          if (phase === 'opening') Object.assign(peer.tally, new ChaosPeer(clock, chaos, 0).tally);
          if (phase === 'draining') peer.isDraining = true;
        },
      },
      interrupted: new AbortController().signal,
    }),
  );
  return { result: summarise(record, []), tally: peer.tally, peer };
}

/**
 * Connections in memory: a dialer whose peer is a function. The peer says what becomes of each message – when its echo
 * arrives, how often, or never – so a test or a simulation knows the truth that the ledger must find.
 */
import type { Clock, Connection, ConnectionEvents, Dialer } from '../../ports.ts';

/** Delays in milliseconds after which copies of a message come back: none loses it, two duplicate it. */
export type Peer = (message: {
  readonly connection: number;
  readonly number: number;
  readonly nowMs: number;
}) => readonly number[];

export interface MemoryDialerOptions {
  readonly clock: Clock;
  readonly peer: Peer;
  readonly connectMs?: number;
  /** Close code and time of connections that die, by connection number. */
  readonly deaths?: ReadonlyMap<number, { readonly atMs: number; readonly code: number }>;
}

export function memoryDialer(options: MemoryDialerOptions): Dialer {
  let dialed = 0;
  return {
    dial: (_url, events) => new MemoryConnection(options, dialed++, events),
  };
}

class MemoryConnection implements Connection {
  readonly #options: MemoryDialerOptions;
  readonly #connection: number;
  readonly #events: ConnectionEvents;
  #sent = 0;
  #open = true;

  constructor(options: MemoryDialerOptions, connection: number, events: ConnectionEvents) {
    this.#options = options;
    this.#connection = connection;
    this.#events = events;
    const { clock } = options;
    clock.at(clock.now() + (options.connectMs ?? 0), () => events.opened());
    const death = options.deaths?.get(connection);
    if (death !== undefined) clock.at(death.atMs, () => this.#end(death.code));
  }

  send(bytes: Uint8Array): void {
    const { clock, peer } = this.#options;
    const copy = bytes.slice();
    const nowMs = clock.now();
    for (const delayMs of peer({ connection: this.#connection, number: this.#sent++, nowMs })) {
      clock.at(nowMs + delayMs, () => {
        if (this.#open) this.#events.received(copy, 0, copy.length);
      });
    }
  }

  isOpen(): boolean {
    return this.#open;
  }

  backlogBytes(): number {
    return 0;
  }

  close(): void {
    this.#end(1000);
  }

  #end(code: number): void {
    if (!this.#open) return;
    this.#open = false;
    this.#events.closed(code, '');
  }
}

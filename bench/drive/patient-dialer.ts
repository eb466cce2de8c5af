/**
 * A dialer that does not take a quota of new connections for an answer: a dial that is refused with 429 is made again, as
 * the pool makes its own, so that whoever asked hears of the last attempt only. For probes, which come before the pool.
 */
import { type Random, seededRandom } from '../measure/random.ts';
import type { Clock, Connection, ConnectionEvents, Dialer, Timer } from '../ports.ts';
import { OPENING_ATTEMPTS, reconnectWaitMs, THROTTLED } from './reconnect.ts';

/** 32 of a run id's 64 bits. */
const SEED_DIGITS = 8;

export class PatientDialer implements Dialer {
  readonly #dialer: Dialer;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Dials that were refused and made again, or given up. */
  throttled = 0;

  constructor({ dialer, clock, runId }: { dialer: Dialer; clock: Clock; runId: string }) {
    this.#dialer = dialer;
    this.#clock = clock;
    this.#random = seededRandom(Number.parseInt(runId.slice(0, SEED_DIGITS), 16)).fork('probe');
  }

  dial(url: string, events: ConnectionEvents): Connection {
    let attempts = 0;
    let connection: Connection | null = null;
    let waiting: Timer | null = null;
    const again: ConnectionEvents = {
      opened: () => events.opened(),
      received: (bytes, start, end) => events.received(bytes, start, end),
      closed: (code, reason, cut) => events.closed(code, reason, cut),
      failed: (code, detail) => {
        if (code === THROTTLED) this.throttled += 1;
        if (code !== THROTTLED || attempts >= OPENING_ATTEMPTS) events.failed(code, detail);
        else waiting = this.#clock.at(this.#clock.now() + reconnectWaitMs(attempts, this.#random), attempt);
      },
    };
    const attempt = () => {
      attempts += 1;
      connection = this.#dialer.dial(url, again);
    };
    attempt();
    return {
      isOpen: () => connection?.isOpen() ?? false,
      send: (bytes) => connection?.send(bytes),
      backlogBytes: () => connection?.backlogBytes() ?? 0,
      close: () => {
        waiting?.cancel();
        connection?.close();
      },
    };
  }
}

/**
 * When a connection that failed, was throttled, or was closed early, is tried again: exponential backoff with full jitter – any moment
 * up to a bound that doubles – which spreads the clients of a stage that came back better than any fixed part of the
 * wait does (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015). Chance is seeded.
 */
import { type Random, seededRandom } from '../measure/random.ts';
import type { Clock, Connection, ConnectionEvents, Dialer, Timer } from '../ports.ts';

/** Bound of the first wait: a round trip or two, so that a single lost handshake costs little. */
const FIRST_WAIT_MS = 100;

/** No bound is longer: a stage that is back is found within seconds. */
const LONGEST_WAIT_MS = 10_000;

/**
 * Attempts in a row after which a connection that never opened is given up, about 13 s at most beside the handshakes: a
 * stage that refuses for longer is not ready, and the run should begin and say so. One that has been open is tried for
 * as long as messages are sent.
 */
export const OPENING_ATTEMPTS = 8;

/**
 * A quota of new connections per second says no, and "not so fast" is all that it says: such a dial is tried again whether or
 * not the plan has reconnect, since otherwise one moment above the quota would change the load for the whole run.
 */
export const THROTTLED = 'HTTP_429';

/**
 * A connection that stayed open this long counts as recovered, and its waits begin from the first again. Sooner, a stage
 * that accepts and closes at once would be dialled without pause. As long as the longest wait.
 */
export const RECOVERED_MS = LONGEST_WAIT_MS;

/** Wait before the next attempt, after that many failures in a row (at least 1). Milliseconds. */
export function reconnectWaitMs(failures: number, random: Random): number {
  return random.next() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}

/** 32 of a run id's 64 bits. */
const SEED_DIGITS = 8;

/**
 * A dialer that does not take a quota of new connections for an answer: a dial that is refused with 429 is made again, as the pool
 * makes its own, and whoever asked hears of the last attempt only. For probes, which come before the pool.
 */
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

/**
 * The probe: before a run, one connection of its own shows that the stage can be reached, and on a pipeline that it
 * answers. A mapping that starts at the end of its stream misses what came before it was ready, so the probe sends again
 * until an echo comes. Its messages carry another run's id and are counted apart.
 */
import { MessageReader, MessageWriter, MIN_PAYLOAD_BYTES } from '../core/message.ts';
import type { Clock, Connection, ConnectionEvents, Dialer, Timer } from '../ports.ts';

/** Time between two probe messages. */
const REPEAT_MS = 1_000;

/** A probe that gets no echo for this long gives up: a cold start and a mapping that starts take seconds, not a minute. */
const ECHO_TIMEOUT_MS = 60_000;

/** The stage can't be driven: not reached, or no echo. The message says why and what to do. */
export class ProbeError extends Error {}

export interface ProbeOptions {
  readonly url: string;
  readonly dialer: Dialer;
  readonly clock: Clock;
  /** Identity of the probe's messages, not that of the run: 16 hexadecimal digits. */
  readonly runId: string;
  /** Whether to wait for an echo, or only for the connection. */
  readonly echo: boolean;
}

/** Probes the stage and answers how many messages were sent for it. Rejects with {@link ProbeError}. */
export function probe(options: ProbeOptions): Promise<{ readonly sent: number }> {
  return new Promise((resolve, reject) => {
    new Probe(options, resolve, reject).start();
  });
}

class Probe implements ConnectionEvents {
  readonly #options: ProbeOptions;
  readonly #resolve: (outcome: { sent: number }) => void;
  readonly #reject: (error: ProbeError) => void;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  #connection: Connection | null = null;
  #timer: Timer | null = null;
  #startMs = 0;
  #sent = 0;
  #done = false;

  constructor(
    options: ProbeOptions,
    resolve: (outcome: { sent: number }) => void,
    reject: (error: ProbeError) => void,
  ) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    const { runId } = options;
    this.#writer = new MessageWriter({ runId, payloadBytes: MIN_PAYLOAD_BYTES, trace: false });
    this.#reader = new MessageReader({ runId, payloadBytes: MIN_PAYLOAD_BYTES });
  }

  start(): void {
    this.#connection = this.#options.dialer.dial(this.#options.url, this);
  }

  opened(): void {
    if (!this.#options.echo) {
      this.#end(() => this.#resolve({ sent: 0 }));
      return;
    }
    this.#startMs = this.#options.clock.now();
    this.#send();
  }

  received(bytes: Uint8Array): void {
    if (this.#reader.read(bytes, 0) === 'message') this.#end(() => this.#resolve({ sent: this.#sent }));
  }

  closed(code: number, reason: string): void {
    const why = reason === '' ? `code ${code}` : `code ${code}, ${reason}`;
    this.#fail(`${this.#options.url} closed the probe's connection (${why}) before an echo came.`);
  }

  failed(code: string, detail: string): void {
    this.#fail(`${this.#options.url} can't be reached: ${code}${detail === '' ? '' : ` (${detail})`}.`);
  }

  #send(): void {
    const { clock, url } = this.#options;
    if (clock.now() - this.#startMs > ECHO_TIMEOUT_MS) {
      this.#fail(`${url} takes messages but echoed none of ${this.#sent} in ${ECHO_TIMEOUT_MS / 1000} s.`);
      return;
    }
    this.#connection?.send(this.#writer.frame(0, this.#sent++));
    this.#timer = clock.at(clock.now() + REPEAT_MS, () => this.#send());
  }

  #fail(message: string): void {
    this.#end(() => this.#reject(new ProbeError(message)));
  }

  #end(tell: () => void): void {
    if (this.#done) return;
    this.#done = true;
    this.#timer?.cancel();
    this.#connection?.close();
    tell();
  }
}

/** One connection that listens for the echoes of its own messages: which shard they come from, and how many in a row. */

import type { MessageReader, MessageWriter } from '../measure/message.ts';
import { excerptOf } from '../model/excerpt.ts';
import type { Redact } from '../model/secrets.ts';
import type { Clock, Connection, ConnectionEvents, Cut } from '../ports.ts';

/** Long enough for what a gateway says in an error frame. */
const EXCERPT_LENGTH = 200;

export interface EarOptions {
  /** Its number among the streams of the same messages. */
  readonly stream: number;
  readonly clock: Clock;
  readonly writer: MessageWriter;
  readonly reader: MessageReader;
  readonly redact: Redact;
  /** Told of each echo. */
  readonly heard: () => void;
  /** Told once why it hears nothing any more, as a clause. */
  readonly ended: (why: string) => void;
}

export class Ear implements ConnectionEvents {
  readonly #options: EarOptions;
  readonly #sentMs: number[] = [];
  #connection: Connection | null = null;
  #isOpen = false;
  #isMute = false;
  #last = -1;
  #roundTripMs = 0;
  /** Its shard by the last echo; null before one. */
  shard: string | null = null;
  /** Whether an echo came without stamps. */
  isUntraced = false;
  /** Echoes of messages that followed each other, up to the last. */
  inRow = 0;
  answered = 0;
  /** Messages that were answered with an error frame, and what the last of these says. */
  refused = 0;
  refusal = '';
  isEnded = false;

  constructor(options: EarOptions) {
    this.#options = options;
  }

  /** Messages that were sent and not refused. */
  get taken(): number {
    return this.#sentMs.length - this.refused;
  }

  /** Whether the last message came back, or none was sent. */
  get isQuiet(): boolean {
    return this.isEnded || this.#last === this.#sentMs.length - 1;
  }

  /** Sends nothing more, and still listens. */
  mute(): void {
    this.#isMute = true;
  }

  listen(connection: Connection): void {
    this.#connection = connection;
  }

  /** Sends the next message, once it is open. */
  send(): void {
    const { clock, writer, stream } = this.#options;
    if (this.#isMute || !this.#isOpen || this.#connection?.isOpen() !== true) return;
    const sequence = this.#sentMs.push(clock.now()) - 1;
    this.#connection.send(writer.frame(stream, sequence));
  }

  /** Messages without an echo beyond those that are on their way by the last round trip, at one each `repeatMs`. */
  silentRounds(repeatMs: number): number {
    return this.#sentMs.length - 1 - this.#last - Math.ceil(this.#roundTripMs / repeatMs);
  }

  opened(): void {
    this.#isOpen = true;
    this.send();
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    const { reader, stream, clock, redact, heard } = this.#options;
    const kind = reader.read(bytes, stream, start, end);
    if (kind === 'gatewayError') {
      this.refused += 1;
      this.refusal = excerptOf(bytes.subarray(start, end), EXCERPT_LENGTH, redact);
    }
    const { sequence } = reader;
    // An older one is a duplicate, or was overtaken; neither says that the newest are read.
    if (kind !== 'message' || sequence <= this.#last || sequence >= this.#sentMs.length) return;
    this.inRow = sequence === this.#last + 1 ? this.inRow + 1 : 1;
    this.answered += 1;
    this.#last = sequence;
    this.#roundTripMs = clock.now() - this.#sentMs[sequence]!;
    this.isUntraced = reader.hops === null;
    this.shard = reader.hops?.shard ?? null;
    heard();
  }

  closed(code: number, reason: string, cut?: Cut): void {
    const why =
      cut === undefined
        ? `code ${code}${reason === '' ? '' : `, ${reason}`}`
        : `the driver cut it, ${cut.code}`;
    this.#end(`closed the probe's connection (${why})`);
  }

  failed(code: string, detail: string): void {
    const isReached = /^(HTTP|HANDSHAKE)/.test(code);
    const what = isReached ? 'was reached, but opened no WebSocket' : "can't be reached";
    this.#end(`${what}: ${code}${detail === '' ? '' : ` (${detail})`}`);
  }

  close(): void {
    this.isEnded = true;
    this.#connection?.close();
  }

  #end(why: string): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.shard = null;
    this.inRow = 0;
    this.#options.ended(why);
  }
}

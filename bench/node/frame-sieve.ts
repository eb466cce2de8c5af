/**
 * Takes the common case out of a byte stream from a WebSocket server: final, unmasked text frames below 64 KiB that lie
 * whole in what was read are handed over where they lie, without a copy or an object. Everything else – control frames,
 * binary, fragments, long messages, what is cut by the end of a read, what is not valid at all – is passed on byte for
 * byte to a full implementation behind the sieve.
 *
 * Both ways lead to the same place, so their order must hold: while the implementation behind still has bytes that it
 * has not looked at, or has an open message, everything goes to it.
 */
import { FrameTracker } from './frame-tracker.ts';

/** Final, text, no reserved bit. */
const WHOLE_TEXT = 0x81;

export interface SieveEvents {
  /** One complete text message: bytes[start, end), valid only during the call. */
  message(bytes: Uint8Array, start: number, end: number): void;
  /** Bytes that are not the sieve's to judge, in order with the messages. Valid only during the call. */
  rest(bytes: Uint8Array, start: number, end: number): void;
  /** Whether what was given to {@link rest} has not been looked at yet. */
  restWaits(): boolean;
}

export class FrameSieve {
  readonly #events: SieveEvents;
  readonly #tracker: FrameTracker;
  /** Whether all that came before has been dealt with, so that a message may be handed over. */
  #clear = false;

  /** `maxMessageBytes` is the bound of the implementation behind. */
  constructor(events: SieveEvents, maxMessageBytes: number) {
    this.#events = events;
    this.#tracker = new FrameTracker(maxMessageBytes);
  }

  /** Follows bytes that reached the implementation behind on another way, before the first {@link take}. */
  skip(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) at = this.#tracker.follow(bytes, at, to);
  }

  /** Sorts bytes[from, to), which follow on what was taken before. */
  take(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (this.#clear || this.#nowClear()) at = this.#takeMessages(bytes, at, to);
      if (at < to) at = this.#pass(bytes, at, to);
    }
  }

  #nowClear(): boolean {
    this.#clear = this.#tracker.betweenMessages && !this.#events.restWaits();
    return this.#clear;
  }

  /** Hands over the messages from `from` on, and answers where the first other thing begins. */
  #takeMessages(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (to - at >= 2 && bytes[at] === WHOLE_TEXT) {
      let start = at + 2;
      let length = bytes[at + 1]!;
      if (length > 126) break;
      if (length === 126) {
        if (to - at < 4) break;
        length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
        start = at + 4;
      }
      if (start + length > to) break;
      at = start + length;
      this.#events.message(bytes, start, at);
    }
    return at;
  }

  /** Passes on as much as belongs to other things, and answers where it ends. */
  #pass(bytes: Uint8Array, from: number, to: number): number {
    const tracker = this.#tracker;
    let at = tracker.follow(bytes, from, to);
    while (at < to && !tracker.betweenMessages) at = tracker.follow(bytes, at, to);
    this.#clear = false;
    this.#events.rest(bytes, from, at);
    return at;
  }
}

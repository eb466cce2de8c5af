/**
 * The puts of one connection, as far as a fault touches them. Without one they go side by side, as the gateway sends
 * them. While a message is held up, or a second put of one is under way, later ones wait behind it, so a delay stays a
 * delay and never turns into a reorder that nobody counted.
 */
import type { ArmedFault } from './armed-fault.ts';
import type { MessageIdentity } from './message-identity.ts';

/** A message that waits until a later one has passed. */
export interface HeldPut {
  readonly armed: ArmedFault;
  readonly message: MessageIdentity;
  /** Puts it; answers whether the stream took it. */
  readonly put: () => Promise<boolean>;
  /** It has waited as long as it may. */
  isDue: boolean;
}

export class IngestLine {
  held: HeldPut | null = null;
  /** Later puts under way that the held message waits for. */
  passing = 0;
  /** Puts that are just being touched. */
  touching = 0;
  readonly #waiting: (() => void)[] = [];
  #isBlocked = false;

  /** Whether nothing is left to remember. */
  get isIdle(): boolean {
    return this.held === null && this.touching === 0 && !this.#isBlocked && this.#waiting.length === 0;
  }

  /** Starts the put now, or when the way is free. */
  enter<T>(put: () => Promise<T>): Promise<T> {
    if (!this.#isBlocked) return put();
    return new Promise((resolve, reject) => this.#waiting.push(() => put().then(resolve, reject)));
  }

  /** Keeps later puts waiting until the work is done. */
  async block<T>(work: () => Promise<T>): Promise<T> {
    this.#isBlocked = true;
    try {
      return await work();
    } finally {
      this.#isBlocked = false;
      while (!this.#isBlocked) {
        const next = this.#waiting.shift();
        if (next === undefined) break;
        next();
      }
    }
  }

  /**
   * Puts the held message. After another has passed it, it is reordered; otherwise it was only late. If the stream does
   * not take it, nobody hears of that, and it is lost.
   */
  release(hasBeenPassed: boolean): Promise<void> {
    const { held } = this;
    this.held = null;
    if (held === null) return Promise.resolve();
    return this.block(async () => {
      const isTaken = await held.put();
      if (!isTaken) held.armed.count('lost', held.message);
      else if (hasBeenPassed) held.armed.count('reordered', held.message);
    });
  }
}

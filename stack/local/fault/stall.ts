/**
 * A gate that everything into and out of a gateway passes. While it is shut, what comes waits; when it opens, all of it
 * goes at once in the order in which it came, and what that brings about queues behind it.
 */
export class Stall {
  readonly #waiting: (() => void)[] = [];
  #holds = 0;

  /** Whether something would wait. */
  get isHolding(): boolean {
    return this.#holds > 0 || this.#waiting.length > 0;
  }

  /** Does it now, or when the gate opens. */
  pass(task: () => void): void {
    if (this.isHolding) this.#waiting.push(task);
    else task();
  }

  /** Like {@link pass}, for what is answered. */
  passing<T>(task: () => Promise<T>): Promise<T> {
    if (!this.isHolding) return task();
    return new Promise((resolve, reject) => this.pass(() => task().then(resolve, reject)));
  }

  /** Shuts the gate. It may be shut by several at a time. */
  begin(): void {
    this.#holds += 1;
  }

  /** Opens it, unless another still holds it shut. */
  end(): void {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    // Tasks stay in the list until all have run, so that what they cause finds the gate still occupied.
    for (let next = 0; next < this.#waiting.length; next++) this.#waiting[next]!();
    this.#waiting.length = 0;
  }

  /** Opens the gate whoever holds it. */
  release(): void {
    this.#holds = 1;
    this.end();
  }
}

/** A place in a template's text, and what stands there. */

/** A template is not one, or has what is not supported. The message begins with the line. */
export class TemplateSyntaxError extends Error {
  override readonly name = 'TemplateSyntaxError';
}

export class Cursor {
  readonly text: string;
  position = 0;
  readonly #firstLine: number;

  /** The text starts at a line of the template, counted from 1. */
  constructor(text: string, firstLine: number) {
    this.text = text;
    this.#firstLine = firstLine;
  }

  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  get char(): string {
    return this.text.charAt(this.position);
  }

  /** Takes what a sticky pattern matches here; null, and nothing is taken, when it doesn't. */
  take(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.position;
    const match = token.exec(this.text);
    if (match !== null) this.position = token.lastIndex;
    return match;
  }

  /** Whether a sticky pattern matches here. */
  sees(token: RegExp): boolean {
    token.lastIndex = this.position;
    return token.test(this.text);
  }

  /** Takes the token or fails, saying what was expected. */
  expect(token: RegExp, what: string): RegExpExecArray {
    return this.take(token) ?? this.fail(`expected ${what}, found ${this.#found()}`);
  }

  lineAt(position: number): number {
    return this.#firstLine + (this.text.slice(0, position).match(/\r\n|\n|\r/g)?.length ?? 0);
  }

  fail(reason: string, position: number = this.position): never {
    throw new TemplateSyntaxError(`line ${this.lineAt(position)}: ${reason}`);
  }

  #found(): string {
    if (this.isAtEnd) return 'the end of the template';
    return JSON.stringify(this.text.slice(this.position, this.position + 20).split(/[\r\n]/)[0]);
  }
}

/**
 * Files that are read have a limit: what is longer is not what it was taken for, and would fill the memory before anyone
 * could say so. Devices and pipes have no size that could be asked, so the limit is on what is read.
 */
import { closeSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const MIB = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** Plans and fault plans are pages of text that people write. */
export const PLAN_FILE_BYTES = MIB;

/** CloudFormation takes templates of 1 MB; those with code in them may be zipped before they are deployed. */
export const TEMPLATE_FILE_BYTES = 8 * MIB;

/** A day of seconds with its metrics is about 40 MB of result.json or of latency.hlog. */
export const SAVED_FILE_BYTES = 256 * MIB;

/** A witness is some hundred characters long. */
export const LINE_LENGTH = 64 * 1024;

/** The text of a file of at most so many bytes. Throws the file system's error, or one that says the limit. */
export function readTextFile(path: string, maxBytes: number): string {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.min(maxBytes + 1, Math.max(CHUNK_BYTES, bytes)));
      const read = readSync(file, chunk, 0, chunk.length, null);
      if (read === 0) return Buffer.concat(chunks).toString('utf8');
      bytes += read;
      if (bytes > maxBytes) throw new Error(`it has more than ${maxBytes / MIB} MiB, which no such file has`);
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}

/** Takes pieces of text and tells its lines, without line ends, cut where they are longer than the limit. */
export class LineCutter {
  readonly #told: (line: string, isCut: boolean) => void;
  readonly #maxLength: number;
  #line = '';
  #isCut = false;

  constructor(told: (line: string, isCut: boolean) => void, maxLength: number = LINE_LENGTH) {
    this.#told = told;
    this.#maxLength = maxLength;
  }

  take(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.#add(text, from, at);
      this.#tell();
      from = at + 1;
    }
    this.#add(text, from, text.length);
  }

  /** Tells what has no line end yet. */
  end(): void {
    if (this.#line !== '') this.#tell();
  }

  #add(text: string, from: number, to: number): void {
    const room = this.#maxLength - this.#line.length;
    if (to - from > room) this.#isCut = true;
    this.#line += text.slice(from, Math.min(to, from + room));
  }

  #tell(): void {
    this.#told(this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line, this.#isCut);
    this.#line = '';
    this.#isCut = false;
  }
}

/** Writes the text or bytes, over what is there. Throws the file system's error and leaves what was there when it can't. */
export function writeWholeFile(path: string, text: string | Uint8Array): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** The beginning of a text from outside, for a message or a witness: no secret, and no more than a reader needs. */
import type { Redact } from './secrets.ts';

/** Looked at, so that no secret is cut in two where the excerpt ends: longer than any token that fits a header or URL of use. */
const READ_BYTES = 8 * 1024;

/** The first characters of the bytes as text; `…` stands for what is left out. */
export function excerptOf(bytes: Uint8Array, maxLength: number, redact: Redact): string {
  const text = redact(new TextDecoder().decode(bytes.subarray(0, READ_BYTES)));
  return text.length > maxLength || bytes.length > READ_BYTES ? `${text.slice(0, maxLength)}…` : text;
}

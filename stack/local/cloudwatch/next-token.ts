/**
 * Tokens that continue an answer. A token carries where the next page begins, in words that later data don't change, and
 * a fingerprint of the request: a token that was made for another request is refused instead of answering nonsense.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

const tokenSchema = z.tuple([z.string(), z.union([z.string(), z.number()]).array()]);

/** Where a page begins. */
export type Position = readonly (string | number)[];

function fingerprint(request: object): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64url').slice(0, 16);
}

export function encodeToken(request: object, position: Position): string {
  return Buffer.from(JSON.stringify([fingerprint(request), position])).toString('base64url');
}

/** The position in a token made for this request; null for any other text. */
export function decodeToken(request: object, token: string): Position | null {
  try {
    const [made, position] = tokenSchema.parse(JSON.parse(Buffer.from(token, 'base64url').toString()));
    return made === fingerprint(request) ? position : null;
  } catch {
    return null;
  }
}

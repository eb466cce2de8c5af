/**
 * Which message this is, at any point of its way: the same text goes in and comes back, or comes back with trace times
 * added, so a message that numbers itself is known by its numbers and any other by its text.
 */

export interface MessageIdentity {
  readonly connectionId: string;
  /** The body's `stream`, where the body is a JSON object that has one as text. */
  readonly stream: string | null;
  /** The same for a message and its echo. */
  readonly key: string;
}

/** Identity of a message by its connection and body. */
export function messageIdentity(connectionId: string, text: string): MessageIdentity {
  const { stream, sequence } = fieldsOf(text);
  const name = typeof stream === 'string' ? stream : null;
  const isNumbered = typeof sequence === 'string' || typeof sequence === 'number';
  const key = isNumbered ? `${connectionId} ${name} ${sequence}` : `${connectionId} ${text}`;
  return { connectionId, stream: name, key };
}

function fieldsOf(text: string): { readonly stream?: unknown; readonly sequence?: unknown } {
  if (!text.startsWith('{')) return {};
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}

/**
 * Headers of the handshake as people write them, 'Name: value'. Those that the handshake itself is made of are refused by
 * name: sent twice or changed they would make another protocol of it. What is given twice is sent joined where its syntax
 * allows that. No sentence here repeats a value.
 */

/** Headers that RFC 6455 section 4.1 has the client choose, and those of a body or of the hop (RFC 9110 sections 7.6 and 8.6). */
const OWNED = new Set([
  ...['connection', 'upgrade', 'sec-websocket-key', 'sec-websocket-version', 'sec-websocket-accept'],
  ...['sec-websocket-extensions', 'content-length', 'transfer-encoding', 'expect', 'keep-alive'],
  ...['proxy-connection', 'te', 'trailer'],
]);

/** Those with one value, which can't be joined (RFC 9110). */
const SINGLE = new Set(['authorization', 'host', 'origin', 'user-agent', 'referer', 'proxy-authorization']);

/** The subprotocols that are offered, by preference. */
export const SUBPROTOCOL_HEADER = 'sec-websocket-protocol';

/** Header fields by name, as given. `__proto__` is a name like any other. */
export type Headers = Readonly<Record<string, string>>;

/** The headers of the lines, and a sentence for each line that is none. */
export function parseHeaderLines(lines: readonly string[]): { headers: Headers; problems: string[] } {
  const problems: string[] = [];
  const headers = new Map<string, readonly [string, string]>();
  for (const [index, line] of lines.entries()) {
    const match = /^([!#$%&'*+.^_`|~\w-]+):[\t ]*([\t\x20-\x7e]*?)[\t ]*$/.exec(line);
    // The line is not repeated: it may hold a secret.
    if (match === null) problems.push(`number ${index + 1} must be 'Name: value' in printable ASCII`);
    else problems.push(...added(headers, match[1]!, match[2]!));
  }
  return { headers: Object.fromEntries(headers.values()), problems };
}

function added(headers: Map<string, readonly [string, string]>, name: string, value: string): string[] {
  const key = name.toLowerCase();
  const [given, before] = headers.get(key) ?? [name, undefined];
  if (OWNED.has(key)) return [`${name} belongs to the handshake, which sends its own; leave it out`];
  if (key === SUBPROTOCOL_HEADER && !areTokens(value))
    return [`${name} must be names of subprotocols with commas between them, each once`];
  if (before !== undefined && SINGLE.has(key)) return [`${name} is given twice and has one value`];
  const joint = key === 'cookie' ? '; ' : ', ';
  headers.set(key, [given, before === undefined ? value : `${before}${joint}${value}`]);
  return [];
}

/** The subprotocols in a value of the header. */
export function subprotocolsOf(value: string): string[] {
  return value.split(',').map((name) => name.trim());
}

function areTokens(value: string): boolean {
  const names = subprotocolsOf(value);
  return names.every((name) => /^[!#$%&'*+.^_`|~\w-]+$/.test(name)) && new Set(names).size === names.length;
}

/** Both: of a header that both have, the second one's value counts, but cookies are joined. */
export function headersWith(first: Headers, second: Headers): Headers {
  const merged = new Map(Object.entries(first).map((pair) => [pair[0].toLowerCase(), pair]));
  for (const [name, value] of Object.entries(second)) {
    const before = merged.get(name.toLowerCase())?.[1];
    const isJoined = name.toLowerCase() === 'cookie' && before !== undefined;
    merged.set(name.toLowerCase(), [name, isJoined ? `${before}; ${value}` : value]);
  }
  return Object.fromEntries(merged.values());
}

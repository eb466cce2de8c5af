/**
 * What must be used and never written: values in a URL's query, passwords, values of headers. A plan and everything that is
 * made of it holds a masked address; the query travels beside it, from the plan's reader to the dialer. Servers repeat
 * what they were sent, so text from outside is redacted before it is kept, in every form in which it may come back.
 */

/** Stands in the place of a secret. */
export const MASK = '…';

/** Shorter values are in every text by chance, and guessed at once: they are not looked for. */
const MIN_SECRET_LENGTH = 4;

/** Who cuts a long secret short leaves more than this many characters of it, or nothing that tells much. */
const BEGINNING_LENGTH = 16;

/** More parts of one value than any cookie or query has. */
const MAX_PARTS = 200;

/** The address with its password and the values of its query masked; keys stay. Any text is one: it may be a wrong address. */
export function maskedAddress(address: string): string {
  const [, beforeQuery = '', query] = /^([^?#]*)(?:\?([^#]*))?/s.exec(address) ?? [];
  const fragment = address.includes('#') ? `#${MASK}` : '';
  const bare = beforeQuery.replace(/^([a-z][\w+.-]*:\/+)?[^/]*@/i, `$1${MASK}@`);
  return bare + (query === undefined ? '' : `?${partsOf(query).map(maskedPart).join('&')}`) + fragment;
}

/** A part without `=` is a token as often as a key. */
function maskedPart(part: string): string {
  if (part === '') return part;
  const at = part.indexOf('=');
  return at < 0 ? MASK : `${part.slice(0, at)}=${MASK}`;
}

/** `a=1&b=2` as its parts. */
function partsOf(query: string): string[] {
  return query.split('&');
}

/** The query of an address, without its question mark; empty where there is none. */
export function queryOf(address: string): string {
  return /^[^?#]*\?([^#]*)/s.exec(address)?.[1] ?? '';
}

/** The address that is dialled: a masked one with its query. */
export function addressWith(masked: string, query: string): string {
  const [bare = ''] = masked.split('?', 1);
  return query === '' ? masked : `${bare}?${query}`;
}

/** The query with what another adds: of a key that both have, masked or not, the other's value counts. */
export function queryWith(query: string, added: string): string {
  const adding = partsOf(added).filter((part) => part !== '');
  const own = partsOf(query).filter((part) => part !== '');
  const replaced = own.map((part) => adding.find((one) => keyOf(one) === keyOf(part)) ?? part);
  const more = adding.filter((one) => !own.some((part) => keyOf(part) === keyOf(one)));
  return [...new Set(replaced), ...more].join('&');
}

/** Empty for a token that has none. */
function keyOf(part: string): string {
  return part.includes('=') ? part.split('=', 1)[0]! : '';
}

/** Keys of the query whose value is a mask, which somebody copied from a report: the value is missing. */
export function maskedKeys(query: string): string[] {
  const isMask = (part: string) =>
    [MASK, encodeURIComponent(MASK)].includes(part.slice(part.indexOf('=') + 1));
  return partsOf(query).filter(isMask).map(keyOf);
}

/** Secrets of a plan. */
export interface Secrets {
  readonly headers: Readonly<Record<string, string>>;
  /** Of the stage's URL, without question mark. */
  readonly query: string;
}

/** Replaces the secrets, in every form that a server may send them back in, in text from outside. */
export type Redact = (text: string) => string;

/** For connections with this query in their address and these headers. */
export function redactorOf({ query, headers }: Secrets): Redact {
  const values = [
    ...partsOf(query).map((part) => part.slice(part.indexOf('=') + 1)),
    ...Object.values(headers).flatMap(headerSecrets),
  ];
  const forms = new Set(values.slice(0, MAX_PARTS).flatMap(formsOf).filter(isTelling));
  if (forms.size === 0) return (text) => text;
  const longestFirst = [...forms].sort((left, right) => right.length - left.length);
  const begun = longestFirst.filter((form) => form.length > BEGINNING_LENGTH).map(begunPattern);
  const pattern = new RegExp([...longestFirst.map(escapedPattern), ...new Set(begun)].join('|'), 'gi');
  return (text) => text.replace(pattern, MASK);
}

function isTelling(value: string): boolean {
  return value.length >= MIN_SECRET_LENGTH;
}

/** The value, and its parts: what follows a scheme, cookies and their values, what Basic credentials say. */
function headerSecrets(value: string): string[] {
  const words = value.split(/[\s;,]+/);
  const values = words.flatMap((word) => [word.slice(word.indexOf('=') + 1), word]);
  const isScheme = /^(basic|bearer|digest|negotiate)$/i;
  const parts = [value, ...values].filter((part) => !isScheme.test(part));
  const basic = /^basic\s+(\S+)$/i.exec(value)?.[1];
  const credentials = basic === undefined ? [] : [decoded64(basic)];
  return [...parts, ...credentials, ...credentials.map((text) => text.slice(text.indexOf(':') + 1))];
}

function formsOf(value: string): string[] {
  const plain = [...new Set([value, decodedUri(value)])];
  return plain.flatMap((text) => {
    const base64 = encoded64(text).replace(/=+$/, '');
    return [
      text,
      encodeURIComponent(text),
      JSON.stringify(text).slice(1, -1),
      ...(isTelling(text) ? [base64, base64.replaceAll('+', '-').replaceAll('/', '_')] : []),
    ];
  });
}

function decodedUri(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function encoded64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function decoded64(text: string): string {
  try {
    return atob(text);
  } catch {
    return '';
  }
}

/** A close reason has 123 bytes, and many a server shows the first characters only. */
function begunPattern(form: string): string {
  return `${escapedPattern(form.slice(0, BEGINNING_LENGTH))}[\\w.~+/=%-]*`;
}

function escapedPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

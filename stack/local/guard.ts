/**
 * Keeps web pages out of the servers of this machine: a stage runs the code that it is sent, and any page that is
 * open in a browser here can send forms, plain fetches and WebSockets to 127.0.0.1 without asking first. Three
 * headers give a page away, and no page can forge them: `Origin` (RFC 6454, section 7), `Sec-Fetch-Site` (W3C Fetch
 * Metadata), and `Host`, which is the page's own name where that name was made to lead here (DNS rebinding). Programs
 * send neither of the first two.
 */

/** A request's head, of either version of HTTP. */
export interface GuardedRequest {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

export interface GuardOptions {
  /** Origins whose pages may call all the same: `http://localhost:3000`. None unless told otherwise. */
  readonly allowedOrigins?: readonly string[];
  /** Whether a public name, in lower case and without a port, is one that the stage gave out. None unless told otherwise. */
  readonly isOwnName?: (name: string) => boolean;
}

/** Why the request is refused, in a sentence; null when it may be served. */
export type Guard = (request: GuardedRequest) => string | null;

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/;

/** Whether a text is as browsers send an Origin: scheme and host, and a port that is not the scheme's own; no path. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && !/^(http:.*:80|https:.*:443)$/.test(text);
}

/** Sites from which a request is no other page's: an address that was typed in, and a page of this server. */
const HARMLESS_SITES: readonly unknown[] = [undefined, 'none', 'same-origin'];

/** A host is longer only by mistake or malice; RFC 1035 allows 253 characters. */
const SHOWN_CHARACTERS = 100;

export function newGuard({ allowedOrigins = [], isOwnName = () => false }: GuardOptions = {}): Guard {
  return (request) => {
    const { origin, 'sec-fetch-site': site } = request.headers;
    const authorities = authoritiesOf(request);
    const foreign = authorities.find((authority) => !leadsHere(authority, isOwnName));
    if (authorities.length === 0 || foreign !== undefined)
      return `the Host ${shown(foreign ?? '')} is neither this machine's loopback address nor an API of this stage`;
    if (typeof origin === 'string' && allowedOrigins.includes(origin)) return null;
    if (origin !== undefined)
      return `web pages may not call this server, and the Origin ${shown(origin)} is one; \`bench stage local --allow-origin ORIGIN\` lets its pages in`;
    if (HARMLESS_SITES.includes(site)) return null;
    return `web pages of other sites may not call this server, and Sec-Fetch-Site is ${shown(site)}`;
  };
}

/** Every name that the request gives its receiver: Host, the pseudo-header of HTTP/2, and an absolute request target. */
function authoritiesOf({ url = '', rawHeaders }: GuardedRequest): string[] {
  const found: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (/^(host|:authority)$/i.test(rawHeaders[at]!)) found.push(rawHeaders[at + 1]!);
  }
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
  return absolute === undefined ? found : [...found, absolute];
}

/** `localhost`, any address of the loopback network (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3), or an own name. */
function leadsHere(authority: string, isOwnName: (name: string) => boolean): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d*)?$/.exec(authority.trim().toLowerCase())?.[1];
  if (name === undefined) return false;
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name) || isOwnName(name);
}

function shown(value: unknown): string {
  return JSON.stringify(String(value).slice(0, SHOWN_CHARACTERS));
}

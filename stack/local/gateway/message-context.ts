/** `$context` of one message. Ids and formatted times are made on first use: most templates ask for few of them. */
import type { TemplateContext } from './vtl-variables.ts';

/** What all messages of a connection share. */
export interface ConnectionFacts {
  readonly apiId: string;
  readonly domainName: string;
  readonly stage: string;
  readonly connectionId: string;
  /** UTC milliseconds. */
  readonly connectedAt: number;
  readonly identity: { readonly sourceIp: string; readonly userAgent: string };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Common Log Format: `09/Apr/2019:18:03:28 +0000`. */
function commonLogTime(epochMs: number): string {
  const iso = new Date(epochMs).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

export class MessageContext implements TemplateContext {
  readonly eventType = 'MESSAGE';
  readonly requestTimeEpoch: number;
  readonly routeKey: string;
  readonly #connection: ConnectionFacts;
  readonly #newId: () => string;
  #requestId: string | null = null;
  #messageId: string | null = null;

  constructor(connection: ConnectionFacts, newId: () => string, requestTimeEpoch: number, routeKey: string) {
    this.#connection = connection;
    this.#newId = newId;
    this.requestTimeEpoch = Math.floor(requestTimeEpoch);
    this.routeKey = routeKey;
  }

  get apiId(): string {
    return this.#connection.apiId;
  }
  get connectedAt(): number {
    return this.#connection.connectedAt;
  }
  get connectionId(): string {
    return this.#connection.connectionId;
  }
  get domainName(): string {
    return this.#connection.domainName;
  }
  get identity(): ConnectionFacts['identity'] {
    return this.#connection.identity;
  }
  get stage(): string {
    return this.#connection.stage;
  }
  get requestTime(): string {
    return commonLogTime(this.requestTimeEpoch);
  }
  get requestId(): string {
    this.#requestId ??= this.#newId();
    return this.#requestId;
  }
  get extendedRequestId(): string {
    return this.requestId;
  }
  get messageId(): string {
    this.#messageId ??= this.#newId();
    return this.#messageId;
  }
}

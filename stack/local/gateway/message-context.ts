/** What `$context` of a message tells. Ids are made on first use: most templates ask for few of them. */

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

export class MessageContext {
  readonly connection: ConnectionFacts;
  /** When the gateway received the message, UTC milliseconds. */
  readonly requestTimeEpoch: number;
  readonly routeKey: string;
  readonly #newId: () => string;
  #requestId: string | null = null;
  #messageId: string | null = null;

  constructor(connection: ConnectionFacts, newId: () => string, requestTimeEpoch: number, routeKey: string) {
    this.connection = connection;
    this.#newId = newId;
    this.requestTimeEpoch = Math.floor(requestTimeEpoch);
    this.routeKey = routeKey;
  }

  get requestId(): string {
    this.#requestId ??= this.#newId();
    return this.#requestId;
  }

  get messageId(): string {
    this.#messageId ??= this.#newId();
    return this.#messageId;
  }
}

export type TemplateContext = Pick<MessageContext, keyof MessageContext>;

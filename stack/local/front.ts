/**
 * The stage's one port: WebSockets of clients, callbacks of functions, and the AWS endpoints, over HTTP/1.1 and HTTP/2.
 * Upgrades and paths with `@connections` go to the API they are for; everything else is a request to an AWS service.
 */

import type { EndpointsHandler } from './endpoints/endpoints.ts';
import { listenOnePort, type OnePort, type WireRequest, type WireResponse } from './endpoints/one-port.ts';
import type { Apis } from './gateway/apis.ts';
import { callbackHandler, refuse } from './gateway/callbacks.ts';
import { GatewaySockets } from './gateway/sockets.ts';
import type { Profile } from './profile.ts';

export interface FrontOptions {
  readonly apis: Apis;
  readonly quotas: Profile['quotas'];
  /** Loaded when first asked for: many stages serve their API only. */
  readonly endpoints: () => Promise<EndpointsHandler>;
  /** 0 takes any free port. */
  readonly port: number;
}

export class Front {
  readonly port: number;
  readonly #onePort: OnePort;
  readonly #sockets: GatewaySockets;
  readonly #apis: Apis;

  private constructor(onePort: OnePort, sockets: GatewaySockets, apis: Apis) {
    this.port = onePort.port;
    this.#onePort = onePort;
    this.#sockets = sockets;
    this.#apis = apis;
  }

  /** Listens on loopback. Rejects with an Error in plain words when the port is taken. */
  static async listen({ apis, quotas, endpoints, port }: FrontOptions): Promise<Front> {
    const find: Apis['find'] = (host, path) => apis.find(host, path);
    const sockets = new GatewaySockets({ find, quotas });
    const callbacks = callbackHandler({ find, messageBytes: quotas.messageBytes });
    const onePort = await listenOnePort({
      port,
      onRequest: (request, response) => {
        if (!callbacks(request, response)) void serve(endpoints, request, response);
      },
      onUpgrade: (request, socket, head) => sockets.upgrade(request, socket, head),
    });
    return new Front(onePort, sockets, apis);
  }

  /** Closes every client with 1001 and every other connection, and frees the port. */
  async close(): Promise<void> {
    this.#onePort.stop();
    this.#apis.close();
    await this.#sockets.close();
    await this.#onePort.close();
  }
}

async function serve(
  endpoints: FrontOptions['endpoints'],
  request: WireRequest,
  response: WireResponse,
): Promise<void> {
  const handler = await endpoints();
  if (handler(request, response) === false) refuse(response, 403, 'ForbiddenException', 'Forbidden');
}

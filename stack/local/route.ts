/**
 * Which route a message takes ("Working with routes for WebSocket APIs", API Gateway developer guide): the route
 * selection expression names the key; a body that is not JSON, and a key no route has, go to `$default`.
 */
import type { GatewayConfig } from './gateway-config.ts';
import { type Integration, integrationOf } from './integration.ts';
import type { MessageBody } from './message-body.ts';
import type { KinesisWriter } from './ports.ts';

export interface Route {
  readonly key: string;
  readonly integration: Integration;
}

export class RouteTable {
  readonly #select: GatewayConfig['selectRoute'];
  readonly #routes = new Map<string, Route>();

  constructor(config: GatewayConfig, kinesis: KinesisWriter) {
    this.#select = config.selectRoute;
    for (const [key, integration] of config.routes) {
      if (integration === null || key === '$connect' || key === '$disconnect') continue;
      this.#routes.set(key, { key, integration: integrationOf(integration, kinesis) });
    }
  }

  /** The route of a message; undefined when no route takes it, which the client is told as `Forbidden`. */
  routeOf(body: MessageBody): Route | undefined {
    const fallback = this.#routes.get('$default');
    if (!this.#select.isStatic && !body.isJson) return fallback;
    return this.#routes.get(this.#select.select(body)) ?? fallback;
  }
}

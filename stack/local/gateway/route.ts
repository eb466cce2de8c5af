/**
 * Which route a message takes ("Working with routes for WebSocket APIs", API Gateway developer guide): the route
 * selection expression names the key; a body that is not JSON, and a key no route has, go to `$default`.
 */
import type { Clock } from '../../../bench/ports.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { Integration, type MessageWriter } from './integration.ts';
import type { MessageBody } from './message-body.ts';

export interface Route {
  readonly key: string;
  readonly integration: Integration;
}

export class RouteTable {
  readonly #select: GatewayConfig['selectRoute'];
  readonly #routes = new Map<string, Route>();

  constructor(config: GatewayConfig, kinesis: MessageWriter, clock: Clock) {
    this.#select = config.selectRoute;
    for (const [key, integration] of config.routes) {
      this.#routes.set(key, { key, integration: new Integration(integration, kinesis, clock) });
    }
  }

  /** The route of a message; undefined when no route takes it, which the client is told as `Forbidden`. */
  routeOf(body: MessageBody): Route | undefined {
    const fallback = this.#routes.get('$default');
    if (!this.#select.isStatic && !body.isJson) return fallback;
    return this.#routes.get(this.#select.select(body)) ?? fallback;
  }

  /** Whether no message is under way. */
  get isIdle(): boolean {
    return [...this.#routes.values()].every(({ integration }) => integration.isIdle);
  }

  close(): void {
    for (const { integration } of this.#routes.values()) integration.close();
  }
}

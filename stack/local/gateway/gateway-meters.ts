/**
 * The metrics API Gateway publishes for a WebSocket API ("Monitor WebSocket API execution with CloudWatch metrics"), by
 * API and stage, and with detailed metrics by route too. MessageCount counts both directions; error frames are not
 * counted as messages, since the page speaks of messages sent to the API from or to the client and says nothing of them.
 *
 * A route counts what happens once it is known: connections belong to `$connect`, a message that was throttled, that no
 * route takes, or that is a callback has none. So a stage's counts are not the sum of its routes'.
 */
import type { Meter, MetricIdentity, MetricRegistry } from '../ports.ts';

/** What a stage or a route counts. */
export interface GatewayMeters {
  readonly connects: Meter;
  readonly messages: Meter;
  readonly clientErrors: Meter;
  readonly integrationErrors: Meter;
  readonly executionErrors: Meter;
  readonly integrationLatency: Meter;
}

/** The route that connections are counted under. */
export const CONNECT_ROUTE = '$connect';

/** The meters of one stage of an API, or of one route of a stage. */
export function gatewayMeters(
  metrics: MetricRegistry,
  dimensions: { readonly ApiId: string; readonly Stage: string; readonly Route?: string },
): GatewayMeters {
  const meter = (name: string, unit: MetricIdentity['unit']): Meter =>
    metrics.meter({ namespace: 'AWS/ApiGateway', name, dimensions: { ...dimensions }, unit });
  return {
    connects: meter('ConnectCount', 'Count'),
    messages: meter('MessageCount', 'Count'),
    clientErrors: meter('ClientError', 'Count'),
    integrationErrors: meter('IntegrationError', 'Count'),
    executionErrors: meter('ExecutionError', 'Count'),
    integrationLatency: meter('IntegrationLatency', 'Milliseconds'),
  };
}

/**
 * The metrics API Gateway publishes for a WebSocket API ("Monitor WebSocket API execution with CloudWatch metrics"), by
 * API and stage. MessageCount counts both directions; error frames are not counted as messages, since the page speaks of
 * messages sent to the API from or to the client and says nothing of them.
 */
import type { Meter, MetricIdentity, MetricRegistry } from '../ports.ts';

export interface StageMeters {
  readonly connects: Meter;
  readonly messages: Meter;
  readonly clientErrors: Meter;
  readonly integrationErrors: Meter;
  readonly executionErrors: Meter;
  readonly integrationLatency: Meter;
}

/** The meters of one stage of an API. */
export function stageMeters(metrics: MetricRegistry, apiId: string, stage: string): StageMeters {
  const dimensions = { ApiId: apiId, Stage: stage };
  const meter = (name: string, unit: MetricIdentity['unit']): Meter =>
    metrics.meter({ namespace: 'AWS/ApiGateway', name, dimensions, unit });
  return {
    connects: meter('ConnectCount', 'Count'),
    messages: meter('MessageCount', 'Count'),
    clientErrors: meter('ClientError', 'Count'),
    integrationErrors: meter('IntegrationError', 'Count'),
    executionErrors: meter('ExecutionError', 'Count'),
    integrationLatency: meter('IntegrationLatency', 'Milliseconds'),
  };
}

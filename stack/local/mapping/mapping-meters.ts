/**
 * What a mapping counts. `IteratorAge` belongs to the function and is always published; the event counts only when the
 * mapping's MetricsConfig asks for them, as on AWS ("Event source mapping metrics", Lambda developer guide).
 */

import type { Meter, MetricRegistry } from '../ports.ts';
import type { MappingSettings } from './mapping-settings.ts';

export interface MappingMeters {
  /** Age of the last record of a batch when it is sent, milliseconds. */
  readonly iteratorAge: Meter;
  readonly polled: Meter;
  /** Events sent to the function, retries included. */
  readonly invoked: Meter;
  readonly failed: Meter;
  /** Given up without a word to anyone: what a destination got is not among them, nor what expired in the stream. */
  readonly dropped: Meter;
  readonly delivered: Meter;
  /** Deliveries that failed: of the function, not of the mapping. */
  readonly undelivered: Meter;
}

const SILENT: Meter = { record: () => {} };

export function mappingMeters(
  settings: MappingSettings,
  functionName: string,
  metrics: MetricRegistry,
): MappingMeters {
  const count = (name: string): Meter => {
    if (!settings.countEvents) return SILENT;
    const dimensions = { EventSourceMappingUUID: settings.uuid };
    return metrics.meter({ namespace: 'AWS/Lambda', name, dimensions, unit: 'Count' });
  };
  return {
    iteratorAge: metrics.meter({
      namespace: 'AWS/Lambda',
      name: 'IteratorAge',
      dimensions: { FunctionName: functionName },
      unit: 'Milliseconds',
    }),
    undelivered: metrics.meter({
      namespace: 'AWS/Lambda',
      name: 'DestinationDeliveryFailures',
      dimensions: { FunctionName: functionName },
      unit: 'Count',
    }),
    polled: count('PolledEventCount'),
    invoked: count('InvokedEventCount'),
    failed: count('FailedInvokeEventCount'),
    dropped: count('DroppedEventCount'),
    delivered: count('OnFailureDestinationDeliveredEventCount'),
  };
}

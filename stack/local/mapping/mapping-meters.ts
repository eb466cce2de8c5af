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
  readonly dropped: Meter;
  readonly delivered: Meter;
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
    polled: count('PolledEventCount'),
    invoked: count('InvokedEventCount'),
    failed: count('FailedInvokeEventCount'),
    dropped: count('DroppedEventCount'),
    delivered: count('OnFailureDestinationDeliveredEventCount'),
  };
}

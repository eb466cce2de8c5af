/**
 * The parts of a template that decide what it costs and what it can take, as far as parameters decide them, which is all
 * that matters here. Anything else is null, *not known*, and the estimates say so instead of guessing.
 */
import type { ShapedType } from '../template/resource-type.ts';
import { EVENT_SOURCE_MAPPING, type MappingShape } from '../template/resources/event-source-mapping.ts';
import { FUNCTION, type FunctionShape } from '../template/resources/function.ts';
import { STAGE } from '../template/resources/stage.ts';
import { STREAM, type StreamSize } from '../template/resources/stream.ts';
import { STREAM_CONSUMER } from '../template/resources/stream-consumer.ts';
import { type ParameterValues, resourcesIn, type Template } from './template.ts';

export interface StreamShape extends StreamSize {
  readonly logicalId: string;
  /** Registered enhanced fan-out consumers. */
  readonly fanOutConsumers: number;
}

/** An event source mapping and its function. */
export interface ReaderShape extends Omit<MappingShape, 'sourceId'>, FunctionShape {
  readonly logicalId: string;
  /** Logical id of the stream; null when not known. */
  readonly stream: string | null;
  readonly isFanOut: boolean;
}

export interface StackShape {
  readonly streams: readonly StreamShape[];
  readonly readers: readonly ReaderShape[];
  /** Messages per second that the API's stage accepts; null where the template sets no limit. */
  readonly stageRatePerSecond: number | null;
}

/** The shape of the template with the parameters in force; defaults fill in what is missing. */
export function shapeOf(template: Template, parameters: ParameterValues): StackShape {
  const resources = resourcesIn(template, parameters);
  const of = <Shape extends object>({ type, shape }: ShapedType<Shape>) =>
    resources.filter((one) => one.type === type).map((one) => ({ logicalId: one.logicalId, ...shape(one) }));
  const consumers = new Map(of(STREAM_CONSUMER).map(({ logicalId, stream }) => [logicalId, stream]));
  const functions = new Map(of(FUNCTION).map(({ logicalId, ...shape }) => [logicalId, shape]));
  const unknownFunction = FUNCTION.shape({ properties: {}, written: {} });
  return {
    streams: of(STREAM).map((one) => ({
      ...one,
      fanOutConsumers: [...consumers.values()].filter((stream) => stream === one.logicalId).length,
    })),
    readers: of(EVENT_SOURCE_MAPPING).map(({ sourceId, ...one }) => ({
      ...one,
      ...(functions.get(one.functionId ?? '') ?? unknownFunction),
      isFanOut: consumers.has(sourceId ?? ''),
      stream: consumers.has(sourceId ?? '') ? (consumers.get(sourceId ?? '') ?? null) : sourceId,
    })),
    stageRatePerSecond: of(STAGE)[0]?.ratePerSecond ?? null,
  };
}

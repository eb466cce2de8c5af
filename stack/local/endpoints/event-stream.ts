/**
 * Answers that go on: an async iterable of events as `application/vnd.amazon.eventstream` frames. RPC protocols open
 * with an `initial-response` frame that carries the other members of the output, without which botocore and the SDKs
 * would wait. An error ends the stream as an exception frame if the model has it among the events, else as an error
 * frame. See https://smithy.io/2.0/aws/amazon-eventstream.html.
 */
import { EventStreamCodec } from '@smithy/core/event-streams';
import type { NormalizedSchema } from '@smithy/core/schema';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import { AwsError } from './action.ts';
import { type Fault, faultOf, INTERNAL_FAILURE } from './fault.ts';
import type { JsonShapes } from './json-shapes.ts';
import type { Call } from './protocol.ts';

export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream';

export interface EventStreamOptions {
  readonly call: Call;
  readonly shapes: JsonShapes;
  /** Content type of each event's body. */
  readonly contentType: string;
  /** Told of exceptions that are no AwsError: the client only learns that there was one. */
  readonly onFailure: (error: unknown) => void;
}

type Members = Readonly<Record<string, unknown>>;

const frames = new EventStreamCodec(toUtf8, fromUtf8);

/** The frames of an output whose schema has an event stream. */
export async function* encodeEvents(options: EventStreamOptions, output: object): AsyncGenerator<Uint8Array> {
  const { call, shapes } = options;
  const schema = call.operation.output;
  const streamMember = schema.getEventStreamMember();
  const { [streamMember]: events, ...initial } = output as Members;
  const eventSchema = schema.getMemberSchema(streamMember);
  yield frame(options, { ':event-type': 'initial-response' }, shapes.write(schema, initial));
  try {
    for await (const event of events as AsyncIterable<Members>)
      yield encodeEvent(options, eventSchema, event);
  } catch (error) {
    if (!(error instanceof AwsError)) options.onFailure(error);
    const fault = faultOf(call.service, error instanceof AwsError ? error : INTERNAL_FAILURE);
    yield encodeFault(options, eventSchema, fault);
  }
}

/** An event is a union: one member, named for its kind. */
function encodeEvent(options: EventStreamOptions, schema: NormalizedSchema, event: Members): Uint8Array {
  const [kind, value] = Object.entries(event).find(([, each]) => each != null) ?? [];
  if (kind === undefined) throw new Error(`an event of ${options.call.operation.name} is empty`);
  return frame(options, { ':event-type': kind }, options.shapes.write(schema.getMemberSchema(kind), value));
}

function encodeFault(options: EventStreamOptions, schema: NormalizedSchema, fault: Fault): Uint8Array {
  const { shapeName, message, messageMember } = fault;
  if (schema.getMemberSchemas()[shapeName] !== undefined) {
    const body = JSON.stringify({ [messageMember]: message });
    return frame(options, { ':message-type': 'exception', ':exception-type': shapeName }, body);
  }
  const headers = { ':message-type': 'error', ':error-code': shapeName, ':error-message': message };
  return frames.encode({ headers: texts(headers), body: new Uint8Array() });
}

function frame(
  { contentType }: EventStreamOptions,
  headers: Record<string, string>,
  body: string,
): Uint8Array {
  return frames.encode({
    headers: texts({ ':message-type': 'event', ':content-type': contentType, ...headers }),
    body: Buffer.from(body),
  });
}

function texts(headers: Readonly<Record<string, string>>): Record<string, { type: 'string'; value: string }> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]),
  );
}

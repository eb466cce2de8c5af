/**
 * What a wire protocol is to the endpoints: a pair of translations between HTTP messages and the SDK's shapes, and a
 * form for errors. Protocols keep no state, and know operations by their schemas only.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { AwsError } from './action.ts';
import type { Fault } from './fault.ts';
import type { OperationModel, ProtocolName, ServiceModel } from './service-model.ts';

/** A request, wholly received. */
export interface WireMessage {
  readonly method: string;
  /** Without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The parameters of a Query request, from the body or, for a GET, the URL. */
  readonly form: URLSearchParams;
}

/** An answer. A body of many chunks is sent as they come. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | AsyncIterable<Uint8Array>;
}

export interface Call {
  readonly service: ServiceModel;
  readonly operation: OperationModel;
  readonly requestId: string;
}

export interface Refusal {
  /** Null when no service could be told. */
  readonly service: ServiceModel | null;
  readonly fault: Fault;
  readonly requestId: string;
}

export interface Protocol {
  readonly name: ProtocolName;
  /** Code of an input that can't be decoded. */
  readonly undecodableCode: string;
  /** Code of a request without a signature. */
  readonly unsignedCode: string;
  /** The error for an operation that the service does not have. */
  unknownOperation(service: ServiceModel | null, operationName: string): AwsError;
  /** Throws when the message is not of the input's schema. */
  decode(call: Call, message: WireMessage): unknown;
  /** `onFailure` is told of what breaks an answer that has begun. */
  encode(call: Call, output: object, onFailure: (error: unknown) => void): WireAnswer;
  refuse(refusal: Refusal, message: WireMessage): WireAnswer;
}

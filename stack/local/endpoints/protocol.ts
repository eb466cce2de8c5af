/** Declares what a wire protocol is: translations between HTTP messages and the SDK's shapes, and errors. */
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../errors.ts';
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

interface Refusal {
  /** Null when the service is unknown. */
  readonly service: ServiceModel | null;
  readonly fault: Fault;
  readonly requestId: string;
}

export interface Protocol {
  readonly name: ProtocolName;
  readonly undecodableCode: string;
  readonly unsignedCode: string;
  unknownOperation(service: ServiceModel | null, operationName: string): AwsError;
  /** Throws when the message is not of the input's schema. */
  decode(call: Call, message: WireMessage): unknown;
  /** `onFailure` receives the error that breaks an answer that has begun. */
  encode(call: Call, output: object, onFailure: (error: unknown) => void): WireAnswer;
  refuse(refusal: Refusal, message: WireMessage): WireAnswer;
}

// An error on its way to the wire, with the names that the several protocols call it by. A service's model may name an
// error's shape and its Query code differently (`ResourceNotFound` is the Query code of CloudWatch's
// `DashboardNotFoundError`); an action may use either, and each protocol picks its own.

export interface Fault {
  readonly shapeName: string;
  readonly queryCode: string;
  readonly status: number;
  readonly message: string;
  readonly messageMember: string;
}

/** The fault that an error of a service is; the model's status, where there is one, wins over the error's. */
export function faultOf(service: ServiceModel | null, error: AwsError): Fault {
  const { code, message } = error;
  const errors = service?.errors ?? [];
  const model =
    errors.find(({ shapeName }) => shapeName === code) ?? errors.find(({ queryCode }) => queryCode === code);
  return {
    shapeName: model?.shapeName ?? code,
    queryCode: model?.queryCode ?? code,
    status: model?.status ?? error.status,
    message,
    messageMember: model?.messageMember ?? 'message',
  };
}

/** The side at fault, in the words of Query answers and the `x-amzn-query-error` header. */
export function blame(fault: Fault): 'Sender' | 'Receiver' {
  return fault.status < 500 ? 'Sender' : 'Receiver';
}

/** An unforeseen exception, as the client sees it: without detail. */
export const INTERNAL_FAILURE = new AwsError('InternalFailure', 'internal error', 500);

// Errors for clients of services that moved from Query to another protocol: their callers match on the old codes. See
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait.

/** `x-amzn-query-error: ResourceNotFound;Sender` if the request asked for it. */
export function queryErrorHeader(fault: Fault, headers: IncomingHttpHeaders): Record<string, string> {
  if (headers['x-amzn-query-mode'] !== 'true') return {};
  return { 'x-amzn-query-error': `${fault.queryCode};${blame(fault)}` };
}

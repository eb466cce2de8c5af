/**
 * Serves AWS requests: from a request to the action that performs it, and back. Any SDK, and the AWS CLI, can be
 * pointed here with AWS_ENDPOINT_URL. Requests must be signed, as on AWS, but there is no secret to check signatures
 * against. An action's unforeseen exception goes to the log and not to the client.
 */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Action, ActionContext, Actions, ServiceName } from './action.ts';
import { type Caller, callerOf, type Destination, destinationOf, protocolOf } from './destination.ts';
import type { WireRequest, WireResponse } from './one-port.ts';
import {
  type Call,
  faultOf,
  INTERNAL_FAILURE,
  type Protocol,
  type WireAnswer,
  type WireMessage,
} from './protocol.ts';
import { checkConformity, NonconformityError } from './service-model.ts';
import { headOf, type MessageHead, receive, send } from './wire.ts';

export type Services = Readonly<Partial<Record<ServiceName, Actions>>>;

export interface AwsEndpointsOptions {
  /** The services, or those that a caller gets: other accounts and Regions have other resources. */
  readonly services: Services | ((caller: Caller) => Services);
  /** Told of every unforeseen exception of an action, with its stack. */
  readonly log: (text: string) => void;
  /** Largest body taken, bytes, compressed or not. Kinesis takes the largest: 10 MiB in a PutRecords call. */
  readonly bodyBytes?: number;
  /** Told of every operation that an action performs, by its service. */
  readonly onServed?: (service: ServiceName, operation: string) => void;
  /** Makes request ids; random ones unless told otherwise. */
  readonly requestId?: () => string;
}

/**
 * Answers an AWS request; the promise settles when it has been answered, and never rejects. False for a request that
 * is none of AWS's: then nothing was done.
 */
export type EndpointsHandler = (request: WireRequest, response: WireResponse) => boolean | Promise<void>;

/** 10 MiB of PutRecords are 14 MB in base64, the form in which JSON carries them. */
const BODY_BYTES = 15_000_000;

type Options = Required<AwsEndpointsOptions>;

/** The endpoints of the given services. An operation that has no action is refused by name. */
export function awsEndpoints(options: AwsEndpointsOptions): EndpointsHandler {
  const complete: Options = { bodyBytes: BODY_BYTES, requestId: randomUUID, onServed() {}, ...options };
  return (request, response) => {
    const head = headOf(request);
    const protocol = protocolOf(head);
    if (protocol === null) return false;
    return serve(complete, request, response, head, protocol).catch((error: unknown) => {
      options.log(`${head.method} ${head.path}: ${stackOf(error)}`);
      response.destroy();
    });
  };
}

async function serve(
  options: Options,
  request: WireRequest,
  response: WireResponse,
  head: MessageHead,
  protocol: Protocol,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableEnded) gone.abort();
  });
  const received = await receive(request, head, options.bodyBytes);
  if (received.kind === 'gone') return;
  const context = { requestId: options.requestId(), signal: gone.signal };
  const { message } = received;
  const destination = destinationOf(protocol, message);
  const exchange: Exchange = { options, protocol, message, destination, context };
  const answer =
    received.kind === 'whole'
      ? await answerTo(exchange)
      : refuse(exchange, bodyError(received.kind, exchange));
  const headers = { ...answer.headers, 'x-amzn-requestid': context.requestId };
  await send(response, { ...answer, headers }, gone.signal);
}

interface Exchange {
  readonly options: Options;
  readonly protocol: Protocol;
  readonly message: WireMessage;
  readonly destination: Destination;
  readonly context: ActionContext;
}

function bodyError(kind: 'tooLarge' | 'undecodable', { options, protocol }: Exchange): AwsError {
  if (kind === 'undecodable')
    return new AwsError(protocol.undecodableCode, 'The body of the request can not be decompressed');
  const text = `The request is larger than ${options.bodyBytes} bytes`;
  return new AwsError('RequestEntityTooLargeException', text, 413);
}

async function answerTo(exchange: Exchange): Promise<WireAnswer> {
  const { protocol, message, context } = exchange;
  try {
    if (!isSigned(message)) throw new AwsError(protocol.unsignedCode, 'Missing Authentication Token', 403);
    const [call, action] = lookUp(exchange);
    const input = await decode(protocol, call, message);
    exchange.options.onServed(call.service.name, call.operation.name);
    const output = await action(input, context);
    return protocol.encode(call, output, (error) => logFailure(exchange, error));
  } catch (error) {
    if (error instanceof AwsError) return refuse(exchange, error);
    logFailure(exchange, error);
    return refuse(exchange, INTERNAL_FAILURE);
  }
}

function lookUp({ options, protocol, message, destination, context }: Exchange): [Call, Action] {
  const { service, operationName } = destination;
  const { requestId } = context;
  const operation = service?.operations.get(operationName);
  const unknown = protocol.unknownOperation(service, operationName);
  if (service === null || operation === undefined) throw unknown;
  const { services } = options;
  const served = typeof services === 'function' ? services(callerOf(message)) : services;
  const actions = served[service.name] ?? {};
  const action = Object.hasOwn(actions, operationName) ? actions[operationName] : undefined;
  if (action !== undefined) return [{ service, operation, requestId }, action];
  const what = `${service.name} ${operationName}`;
  throw new AwsError(unknown.code, `${what} is not supported by the local stage`, unknown.status);
}

/** The input, of which an action may believe the types. */
async function decode(protocol: Protocol, call: Call, message: WireMessage): Promise<object> {
  try {
    const input = await protocol.decode(call, message);
    checkConformity(call.operation.input, input);
    return input as object;
  } catch (error) {
    if (error instanceof AwsError) throw error;
    if (error instanceof NonconformityError && error.kind === 'missing') {
      throw new AwsError(call.service.missingCode, error.message);
    }
    const detail = error instanceof NonconformityError ? error.message : 'The request can not be decoded';
    throw new AwsError(protocol.undecodableCode, detail);
  }
}

function refuse({ protocol, destination, message, context }: Exchange, error: AwsError): WireAnswer {
  const { service } = destination;
  const fault = faultOf(service, error);
  return protocol.refuse({ service, fault, requestId: context.requestId }, message);
}

/**
 * Signature Version 4 travels in the Authorization header or, presigned, in the query. Forms, REST and CBOR are taken with the
 * header only: a web page can put anything into an address, but must ask before it sends a header of its own.
 */
function isSigned({ headers, query }: WireMessage): boolean {
  if (headers.authorization !== undefined) return true;
  return headers['x-amz-target'] !== undefined && query.has('X-Amz-Signature');
}

function logFailure({ options, destination, context }: Exchange, error: unknown): void {
  const what = `${destination.service?.name ?? 'unknown service'} ${destination.operationName}`;
  options.log(`${what} (request ${context.requestId}) failed: ${stackOf(error)}`);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Finds the protocol, service and operation that a request is for. AWS tells services apart by host name; on one port
 * the target header, the path or a form's version must do. Where a form leaves it open, the credential scope of the
 * signature names the service.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Protocol, WireMessage } from './protocol.ts';
import { queryProtocol } from './query-protocol.ts';
import { findRoute, restProtocol } from './rest-protocol.ts';
import { cborProtocol, jsonProtocol } from './rpc-protocols.ts';
import { type ProtocolName, type ServiceModel, serviceModels } from './service-model.ts';
import type { MessageHead } from './wire.ts';

export interface Destination {
  /** Null when no service of ours has that target, path or version. */
  readonly service: ServiceModel | null;
  /** As the client named it; empty when it named none. */
  readonly operationName: string;
}

const RPC_PATH = /^\/service\/([^/]+)\/operation\/([^/]+)\/?$/;
/** REST paths begin with a version. */
const REST_PATH = /^\/\d{4}-\d{2}-\d{2}\//;

/** The protocol that a request speaks by its head, or null for one that is no AWS request. */
export function protocolOf({ method, path, query, headers }: MessageHead): Protocol | null {
  if (RPC_PATH.test(path)) return cborProtocol;
  if (headers['x-amz-target'] !== undefined) return jsonProtocol;
  if (REST_PATH.test(path)) return restProtocol;
  if (path !== '/') return null;
  return method === 'POST' || query.has('Action') ? queryProtocol : null;
}

export function destinationOf(protocol: Protocol, message: WireMessage): Destination {
  return FINDERS[protocol.name](message);
}

const FINDERS: Readonly<Record<ProtocolName, (message: WireMessage) => Destination>> = {
  cbor: ({ path }) => {
    const [, target = '', operationName = ''] = RPC_PATH.exec(path) ?? [];
    return { service: withTarget('cbor', target), operationName };
  },
  json: ({ headers }) => {
    const text = String(headers['x-amz-target']);
    const dot = text.lastIndexOf('.');
    return { service: withTarget('json', text.slice(0, dot)), operationName: text.slice(dot + 1) };
  },
  rest: (message) => {
    for (const service of speaking('rest')) {
      const route = routeOf(service, message);
      if (route !== null) return { service, operationName: route };
    }
    return { service: speaking('rest')[0] ?? null, operationName: `${message.method} ${message.path}` };
  },
  query: (message) => ({
    service: queryService(message),
    operationName: message.form.get('Action') ?? '',
  }),
};

function speaking(protocol: ProtocolName): ServiceModel[] {
  return serviceModels.filter(({ protocols }) => protocols.includes(protocol));
}

function withTarget(protocol: ProtocolName, target: string): ServiceModel | null {
  return speaking(protocol).find((service) => service.target === target) ?? null;
}

function routeOf(service: ServiceModel, { method, path, query }: WireMessage): string | null {
  try {
    return findRoute(service, method, path, query)?.operation.name ?? null;
  } catch {
    return null; // a label with broken percent-encoding names nothing
  }
}

function queryService(message: WireMessage): ServiceModel | null {
  const version = message.form.get('Version');
  const { service: scope } = callerOf(message);
  const candidates = speaking('query').filter((service) => version === null || service.version === version);
  if (candidates.length === 1) return candidates[0] ?? null;
  return candidates.find(({ signingName }) => signingName === scope) ?? null;
}

// Who calls, and where, as the credential scope of a signature says it: `Credential=KEY/20261122/us-
// east-1/sts/aws4_request`. Signatures are not checked, so an access key id stands for an account when it ends in the
// twelve digits of its number; any other key is one of the stage's own account.

export interface Caller {
  /** Twelve digits; null where the key names none. */
  readonly accountId: string | null;
  /** Null where the signature is not of version 4. */
  readonly region: string | null;
  readonly service: string | null;
}

const SCOPE = /Credential=([^/,\s]+)\/\d+\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/;
const ACCOUNT = /(\d{12})$/;
const NOBODY: Caller = { accountId: null, region: null, service: null };

/** The caller of a request whose signature is in the header, or in the query of a presigned address. */
export function callerOf({
  headers,
  query,
}: {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
}): Caller {
  const presigned = query.get('X-Amz-Credential');
  const text = headers.authorization ?? (presigned === null ? '' : `Credential=${presigned}`);
  const [, key = '', region, service] = SCOPE.exec(text) ?? [];
  if (region === undefined || service === undefined) return NOBODY;
  return { accountId: ACCOUNT.exec(key)?.[1] ?? null, region, service };
}

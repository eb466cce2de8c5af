/**
 * Errors for clients of services that moved from Query to another protocol: their callers match on the old codes. See
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { blame, type Fault } from './fault.ts';

/** `x-amzn-query-error: ResourceNotFound;Sender` if the request asked for it. */
export function queryErrorHeader(fault: Fault, headers: IncomingHttpHeaders): Record<string, string> {
  if (headers['x-amzn-query-mode'] !== 'true') return {};
  return { 'x-amzn-query-error': `${fault.queryCode};${blame(fault)}` };
}

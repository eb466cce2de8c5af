/**
 * Who calls, and where, as the credential scope of a signature says it: `Credential=KEY/20261122/us-east-1/sts/aws4_request`.
 * Signatures are not checked, so an access key id stands for an account when it ends in the twelve digits of its number; any
 * other key is one of the stage's own account.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface Caller {
  /** Twelve digits; null where the key names none. */
  readonly accountId: string | null;
  /** Null where the signature is not of version 4. */
  readonly region: string | null;
  /** The service's signing name. */
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

/**
 * What an account may do, as far as warnings before a run are about it: asked of Service Quotas, which knows what the account
 * was given, or the defaults where it may not be asked. It decides nothing but the words, so no answer is waited for long.
 */
import { ListServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import {
  CONCURRENT_EXECUTIONS,
  CONNECTS_PER_SECOND,
  QUOTA_CODES,
  requestQuotaIn,
} from '../gateway-quotas.ts';
import type { Account } from './account.ts';
import { PATIENCE } from './clients.ts';
import { StageError } from './stage-error.ts';

export interface AccountQuotas {
  /** New WebSocket connections. */
  readonly connectsPerSecond: number;
  /** Messages and callbacks together. */
  readonly requestsPerSecond: number;
  /** Functions at once. */
  readonly executions: number;
  /** How the figures are called: those of the account, or defaults. */
  readonly are: "the account's quota" | 'the default quota';
  /** Why they are defaults, a sentence; null where the account was asked, or nobody was to ask. */
  readonly note: string | null;
}

/** What an account of the region has that was given nothing else. */
export function defaultQuotas(region: string, note: string | null = null): AccountQuotas {
  return {
    connectsPerSecond: CONNECTS_PER_SECOND,
    requestsPerSecond: requestQuotaIn(region).perSecond,
    executions: CONCURRENT_EXECUTIONS,
    are: 'the default quota',
    note,
  };
}

/** The account's quotas. Never rejects for what AWS or the network says: then they are the defaults, with a word. */
export async function accountQuotas(account: Account): Promise<AccountQuotas> {
  const { region } = account;
  try {
    const [gateway, lambda] = await Promise.all([
      quotasOf(account, QUOTA_CODES.requestsPerSecond.service),
      quotasOf(account, QUOTA_CODES.executions.service),
    ]);
    const known = new Map([...gateway, ...lambda]);
    const defaults = defaultQuotas(region);
    const quotaOf = (name: keyof typeof QUOTA_CODES, otherwise: number) =>
      known.get(QUOTA_CODES[name].code) ?? otherwise;
    return {
      connectsPerSecond: quotaOf('connectsPerSecond', defaults.connectsPerSecond),
      requestsPerSecond: quotaOf('requestsPerSecond', defaults.requestsPerSecond),
      executions: quotaOf('executions', defaults.executions),
      are: "the account's quota",
      note: null,
    };
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    return defaultQuotas(region, `default quotas of ${region} are assumed: ${error.message}`);
  }
}

/** By code. Quotas that were never raised are among them, at their defaults. */
async function quotasOf(account: Account, ServiceCode: string): Promise<[code: string, value: number][]> {
  const { credentials } = account.cloudFormation.config;
  const client = new ServiceQuotasClient({
    region: account.region,
    credentials,
    maxAttempts: 2,
    requestHandler: PATIENCE,
  });
  const found: [string, number][] = [];
  let NextToken: string | undefined;
  do {
    const sending = client.send(new ListServiceQuotasCommand({ ServiceCode, NextToken, MaxResults: 100 }));
    const page = await account.call('servicequotas:ListServiceQuotas', sending);
    for (const { QuotaCode, Value } of page.Quotas ?? [])
      if (QuotaCode !== undefined && Value !== undefined) found.push([QuotaCode, Value]);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

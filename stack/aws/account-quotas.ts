/**
 * What an account may do, as far as warnings before a run are about it: asked of Service Quotas, which knows what the account
 * was given, or the defaults where it may not be asked. It decides nothing but the words, so no answer is waited for long.
 */
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import {
  CONCURRENT_EXECUTIONS,
  CONNECTS_PER_SECOND,
  requestQuotaIn,
  SERVICE_QUOTAS,
  shardQuotaIn,
} from '../default-quotas.ts';
import type { Account } from './account.ts';
import { allOf } from './clients.ts';
import { StageError } from './stage-error.ts';

export interface Quota {
  readonly value: number;
  /** What the figure is called. */
  readonly are: "the account's quota" | 'the default quota';
}

export interface AccountQuotas {
  /** New WebSocket connections. */
  readonly connectsPerSecond: Quota;
  /** Messages and callbacks together. */
  readonly requestsPerSecond: Quota;
  /** Functions at once. */
  readonly executions: Quota;
  /** Of all streams. */
  readonly shards: Quota;
  /** Which of them are defaults and why, a sentence; null where the account told all, or nobody was to ask. */
  readonly note: string | null;
}

/** Nothing but words depends on the answer, so it is not waited for long. */
const QUOTA_ATTEMPTS = 2;

type QuotaName = Exclude<keyof AccountQuotas, 'note'>;
const NAMES = [
  'connectsPerSecond',
  'requestsPerSecond',
  'executions',
  'shards',
] as const satisfies QuotaName[];

/** What an account of the region has that was given nothing else. */
export function defaultQuotas(region: string, note: string | null = null): AccountQuotas {
  const byDefault = (value: number): Quota => ({ value, are: 'the default quota' });
  return {
    connectsPerSecond: byDefault(CONNECTS_PER_SECOND),
    requestsPerSecond: byDefault(requestQuotaIn(region).perSecond),
    executions: byDefault(CONCURRENT_EXECUTIONS),
    shards: byDefault(shardQuotaIn(region)),
    note,
  };
}

/** The account's quotas. Never rejects for what AWS or the network says: then they are the defaults, with a word. */
export async function accountQuotas(account: Account): Promise<AccountQuotas> {
  const services = [...new Set(NAMES.map((name) => SERVICE_QUOTAS[name].service))];
  const reasons = new Set<string>();
  const answers = await Promise.all(
    services.map((service) =>
      quotasOf(account, service).catch((error: unknown) => {
        if (!(error instanceof StageError)) throw error;
        reasons.add(error.message);
        return [];
      }),
    ),
  );
  const told = new Map(answers.flat());
  const keyOf = (name: QuotaName) => keyed(SERVICE_QUOTAS[name].service, SERVICE_QUOTAS[name].name);
  const found = NAMES.filter((name) => told.has(keyOf(name)));
  const known = found.map((name) => [name, { value: told.get(keyOf(name))!, are: "the account's quota" }]);
  const missing = NAMES.filter((name) => !found.includes(name));
  return {
    ...defaultQuotas(account.region, noteOn(account.region, missing, reasons)),
    ...Object.fromEntries(known),
  };
}

function noteOn(region: string, missing: readonly QuotaName[], reasons: ReadonlySet<string>): string | null {
  if (missing.length === 0) return null;
  const why = reasons.size === 0 ? 'Service Quotas does not name them' : [...reasons].join('; ');
  const which =
    missing.length === NAMES.length
      ? ''
      : ` for ${missing.map((name) => SERVICE_QUOTAS[name].name).join(', ')}`;
  return `default quotas of ${region} are assumed${which}: ${why}`;
}

/** Names are looked for whatever their case. */
function keyed(service: string, name: string): string {
  return `${service} ${name.toLowerCase()}`;
}

/** By name. Quotas that were never raised are among them, at their defaults. */
async function quotasOf(
  account: Account,
  ServiceCode: string,
): Promise<(readonly [name: string, value: number])[]> {
  const client = account.client(ServiceQuotasClient, account.region, QUOTA_ATTEMPTS);
  const pages = paginateListServiceQuotas({ client, pageSize: 100 }, { ServiceCode });
  const quotas = await allOf(pages, ({ Quotas }) => Quotas);
  return quotas.flatMap(({ QuotaName, Value }) =>
    QuotaName === undefined || Value === undefined ? [] : [[keyed(ServiceCode, QuotaName), Value] as const],
  );
}

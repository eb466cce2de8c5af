/**
 * The account and region that a command works on: the clients, made once, and who the caller is. Every call goes through
 * {@link Account.call}, so that every error is told in the same words.
 */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { cloudFormationClient, PATIENCE, stsClient } from './clients.ts';
import { customEndpoint, isLocalEndpoint } from './loopback.ts';
import { called } from './stage-error.ts';

/** Who calls, and where. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
  readonly region: string;
  /** The endpoint that stands in for AWS; null for AWS itself. */
  readonly endpoint: string | null;
}

export interface Account {
  readonly region: string;
  readonly endpoint: string | null;
  /** Whether calls end at this machine, where nothing is billed and nothing takes minutes. */
  readonly isLocal: boolean;
  readonly cloudFormation: CloudFormationClient;
  /** Awaits a call of the SDK; rejects with a StageError that names the action. */
  call<T>(action: string, sending: Promise<T>): Promise<T>;
}

/** Finds the region, `null` being the SDK's default. Throws a StageError where there is none. */
export async function openAccount(region: string | null): Promise<Account> {
  const cloudFormation = cloudFormationClient(region);
  const endpoint = customEndpoint();
  const place = { action: 'the choice of a region', region, endpoint };
  const found = await called(place, cloudFormation.config.region());
  return {
    region: found,
    endpoint,
    isLocal: isLocalEndpoint(),
    cloudFormation,
    call: (action, sending) => called({ action, region: found, endpoint }, sending),
  };
}

/** Asks AWS who calls. Throws a StageError where the credentials are missing, expired or not accepted. */
export async function identityOf(account: Account): Promise<Identity> {
  const sending = stsClient(account.region).send(new GetCallerIdentityCommand({}));
  const { Account: number, Arn: arn } = await account.call('sts:GetCallerIdentity', sending);
  return {
    account: number ?? 'unknown',
    arn: arn ?? 'unknown',
    region: account.region,
    endpoint: account.endpoint,
  };
}

/** A Lambda client of the same region, credentials and patience. */
export function lambdaClientOf({ cloudFormation, region }: Account): LambdaClient {
  const { credentials, maxAttempts } = cloudFormation.config;
  return new LambdaClient({ region, credentials, maxAttempts, requestHandler: PATIENCE });
}

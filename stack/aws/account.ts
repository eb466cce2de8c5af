/**
 * The account and region that a command works on: the clients, made once, and who the caller is. Every call goes through
 * {@link Account.call}, so that every error is told in the same words.
 */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type StackHome, stackArnOf } from '../../bench/model/stage-name.ts';
import { cloudFormationClient, PATIENCE, stsClient } from './clients.ts';
import { customEndpoint, isLocalEndpoint } from './loopback.ts';
import { called, StageError } from './stage-error.ts';

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

/**
 * Throws a StageError where a stack is another account's or region's than the caller's: there its name is nobody's, or
 * somebody else's. `what` begins the sentence.
 */
export function assertHome(what: string, home: StackHome, identity: Identity): void {
  if (home.account !== identity.account)
    throw new StageError(
      `${what} in account ${home.account} (${home.region}), and these credentials are of account ${identity.account}: choose that account's profile with AWS_PROFILE; nothing was changed`,
    );
  if (home.region !== identity.region)
    throw new StageError(
      `${what} in ${home.region}, and this is ${identity.region}: say --region ${home.region}, or leave it out; nothing was changed`,
    );
}

/**
 * Opens the account for a stack that is given by name or ARN, and says who calls. An ARN chooses its own region. Throws a
 * StageError where the ARN is another account's.
 */
export async function openAccountFor(
  nameOrArn: string,
  region: string | null,
): Promise<{ readonly account: Account; readonly identity: Identity }> {
  const home = stackArnOf(nameOrArn);
  const account = await openAccount(region ?? home?.region ?? null);
  const identity = await identityOf(account);
  if (home !== null) assertHome(`the stack ${home.name} is`, home, identity);
  return { account, identity };
}

/** A Lambda client of the same region, credentials and patience. */
export function lambdaClientOf({ cloudFormation, region }: Account): LambdaClient {
  const { credentials, maxAttempts } = cloudFormation.config;
  return new LambdaClient({ region, credentials, maxAttempts, requestHandler: PATIENCE });
}

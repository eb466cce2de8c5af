/** The account and region that a command works on, and who the caller is. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type StackHome, stackArnOf } from '../../bench/model/stage-name.ts';
import { clientOf, customEndpoint, isLocalEndpoint } from './clients.ts';
import { explained, StageError } from './stage-error.ts';

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
  /** Makes a client of another service of the same account and region. */
  readonly client: typeof clientOf;
}

/** Finds the region, `null` being the SDK's default. Throws a StageError where there is none. */
export async function openAccount(region: string | null): Promise<Account> {
  const cloudFormation = clientOf(CloudFormationClient, region);
  const endpoint = customEndpoint();
  const found = await cloudFormation.config.region().catch((error: unknown) => {
    throw explained({ action: 'the choice of a region', region, endpoint }, error);
  });
  return { region: found, endpoint, isLocal: isLocalEndpoint(), cloudFormation, client: clientOf };
}

/** Asks AWS who calls. Throws a StageError where the credentials are missing, expired or not accepted. */
export async function identityOf(account: Account): Promise<Identity> {
  const sts = account.client(STSClient, account.region);
  const { Account: number, Arn: arn } = await sts.send(new GetCallerIdentityCommand({}));
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

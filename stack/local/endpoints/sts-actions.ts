/**
 * STS as far as a caller without an account needs it: who am I. Deploy tools ask that first, to tell bad credentials
 * from other troubles; on the local stage all credentials are good.
 */
import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import type { Actions } from './action.ts';

export interface StsActionsOptions {
  /** Twelve digits. */
  readonly accountId: string;
}

/** The form of a user's unique id, as IAM's reference shows it. */
const USER_ID = 'AIDALOCALSTAGEUSER00';

export function stsActions({ accountId }: StsActionsOptions): Actions {
  const identity: GetCallerIdentityResponse = {
    UserId: USER_ID,
    Account: accountId,
    Arn: `arn:aws:iam::${accountId}:user/local-stage`,
  };
  return { GetCallerIdentity: () => identity };
}

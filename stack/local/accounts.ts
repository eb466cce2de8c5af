/**
 * The accounts and Regions of a local AWS. A stack is of one account in one Region, as everything else is: whoever asks with
 * other credentials, or elsewhere, finds nothing of it. The home account is there from the start, others from the first call
 * that is made with their credentials or to their Region. All share the APIs' port.
 */
import type { Clock, Random } from '../../bench/ports.ts';
import { LocalAccount } from './account/account.ts';
import { lambdaActions } from './account/lambda-actions.ts';
import { reachableAt } from './account/reachable.ts';
import { cloudFormationActions } from './cloudformation/actions.ts';
import { CloudFormation } from './cloudformation/cloudformation.ts';
import { refusingProvisioner } from './cloudformation/refusing-provisioner.ts';
import { cloudWatchActions } from './cloudwatch/actions.ts';
import { AwsError } from './endpoints/action.ts';
import type { Caller } from './endpoints/caller.ts';
import type { Services } from './endpoints/endpoints.ts';
import { serviceQuotasActions } from './endpoints/service-quotas-actions.ts';
import { stsActions } from './endpoints/sts-actions.ts';
import type { FaultInjector } from './fault/fault-injector.ts';
import { startFunction } from './function/process-runtime.ts';
import { Apis } from './gateway/apis.ts';
import type { Profile } from './profile.ts';
import { settlingMs } from './quirks.ts';
import { kinesisActions } from './stream/kinesis-actions.ts';

/** An account in a Region, with what is served of it. */
export interface AccountRegion {
  readonly account: LocalAccount;
  readonly cloudFormation: CloudFormation;
  readonly services: Services;
}

export interface LocalAccountsOptions {
  readonly profile: Profile;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
  readonly faults: FaultInjector | undefined;
  /** Logical ids of resources that refuse their deletion. */
  readonly refuseDeletion: readonly string[];
  /** Of callers whose signature names no other Region. */
  readonly region: string;
}

/** The account that AWS uses in its own documentation. */
export const HOME_ACCOUNT = '123456789012';

/** More are a mistake: each has metrics and a model of its own. */
const MOST = 32;

/** Names in ARNs and hosts. */
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

export class LocalAccounts {
  readonly apis = new Apis();
  readonly home: AccountRegion;
  readonly #options: LocalAccountsOptions;
  readonly #all = new Map<string, AccountRegion>();
  #port = 0;

  constructor(options: LocalAccountsOptions) {
    this.#options = options;
    this.home = this.#made(HOME_ACCOUNT, options.region, options.random);
  }

  /** Where the APIs are served. */
  servedOn(port: number): void {
    this.#port = port;
    for (const { account } of this.#all.values()) account.servedOn(port);
  }

  /** What a caller finds. Throws AWS's error where there is no such Region. */
  of({ accountId, region }: Caller): AccountRegion {
    const [number, place] = [accountId ?? HOME_ACCOUNT, region ?? this.#options.region];
    const known = this.#all.get(`${number} ${place}`);
    if (known !== undefined) return known;
    if (!REGION.test(place))
      throw new AwsError('SignatureDoesNotMatch', `Credential should be scoped to a valid region`, 403);
    if (this.#all.size >= MOST)
      throw new AwsError('AccessDenied', `the local stage has ${MOST} accounts and Regions at most`, 403);
    return this.#made(number, place, this.#options.random.fork(`${number} ${place}`));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.values()].map(({ account }) => account.close()));
  }

  #made(accountId: string, region: string, random: Random): AccountRegion {
    const { profile, clock, log, faults, refuseDeletion } = this.#options;
    const place = { region, accountId, clock, log };
    const account = new LocalAccount({
      ...place,
      profile,
      random: random.fork('account'),
      newFunction: startFunction,
      faults,
      apis: this.apis,
    });
    account.servedOn(this.#port);
    const cloudFormation = new CloudFormation({
      ...place,
      provisioner: refusingProvisioner(account, refuseDeletion),
      random: random.fork('cloudformation'),
      changeSetMs: profile.quirks.changeSetMs,
    });
    const { metrics, kinesis } = account;
    const made = {
      account,
      cloudFormation,
      services: {
        cloudformation: cloudFormationActions({
          cloudFormation,
          reachable: (value) => reachableAt(`127.0.0.1:${this.#port}`)(value),
          // So that whoever drives a stack by its name can say what kind of stage it was.
          tags: [
            { Key: 'local-stage:profile', Value: profile.name },
            { Key: 'local-stage:dispatch', Value: profile.dispatch },
            { Key: 'local-stage:settling-ms', Value: String(settlingMs(profile.quirks)) },
          ],
        }),
        cloudwatch: cloudWatchActions({ ...place, store: metrics }),
        kinesis: kinesisActions({ ...place, kinesis, metrics, profile, random: random.fork('kinesis api') }),
        lambda: lambdaActions(account),
        servicequotas: serviceQuotasActions({ accountId, region }),
        sts: stsActions({ accountId }),
      },
    };
    this.#all.set(`${accountId} ${region}`, made);
    return made;
  }
}

/** Runs accounts, CloudFormation and their APIs on one loopback port: the local stage without a stack. */

import type { FaultPlan } from '../../bench/model/fault.ts';
import { REGION_NAME } from '../../bench/model/stage-name.ts';
import type { Random } from '../../bench/ports.ts';
import { LOCAL_TAGS } from '../pipeline.ts';
import { LocalAccount } from './account/account.ts';
import { lambdaActions } from './account/lambda-actions.ts';
import { cloudFormationActions } from './cloudformation/actions.ts';
import { CloudFormation } from './cloudformation/cloudformation.ts';
import { reachableAt } from './cloudformation/description.ts';
import { refusingProvisioner, slowProvisioner } from './cloudformation/provisioner.ts';
import { cloudWatchActions } from './cloudwatch/actions.ts';
import { HOME } from './deployment.ts';
import { serviceQuotasActions, stsActions } from './endpoints/account-actions.ts';
import type { Caller } from './endpoints/destination.ts';
import type { AwsEndpointsOptions, EndpointsHandler, Services } from './endpoints/endpoints.ts';
import { loadEndpoints } from './endpoints/load-endpoints.ts';
import { AwsError } from './errors.ts';
import { FaultInjector, type FrameTap } from './fault/fault-injector.ts';
import { listenFront } from './front.ts';
import { startFunction } from './function/environment.ts';
import { Apis } from './gateway/apis.ts';
import type { Part } from './ports.ts';
import { settlingMs } from './quirks.ts';
import { kinesisActions } from './stream/kinesis-actions.ts';

export interface LocalAwsOptions extends Omit<Part, 'metrics'> {
  /** 0 takes any free port. */
  readonly port: number;
  /** What is to go wrong; nothing when left out. */
  readonly faults?: FaultPlan | null;
  /** Whether the AWS endpoints are served, with which whoever reaches the port runs code; they are unless told otherwise. */
  readonly controlPlane?: boolean;
  /** Origins whose web pages may call; none unless told otherwise. */
  readonly allowedOrigins?: readonly string[];
  /** Logical ids of resources that refuse their deletion; none unless told otherwise. */
  readonly refuseDeletion?: readonly string[];
  readonly tap?: FrameTap;
  readonly onServed?: AwsEndpointsOptions['onServed'];
  /** Of callers whose signature names no other, and of the account that a stage starts with; us-east-1 unless told otherwise. */
  readonly region?: string;
}

export interface LocalAws {
  readonly port: number;
  /** The home account, which callers get whose credentials name no other. */
  readonly account: LocalAccount;
  readonly cloudFormation: CloudFormation;
  /** Null without a fault plan and without a tap. */
  readonly faults: FaultInjector | null;
  /** Ends everything now: messages under way are forgotten, clients get 1001, function processes end. */
  close(): Promise<void>;
}

/** An account in a Region, with what is served of it. */
interface AccountRegion {
  readonly account: LocalAccount;
  readonly cloudFormation: CloudFormation;
  readonly services: Services;
}

/** More are a mistake: each has metrics and a model of its own. */
const MOST_ACCOUNTS = 32;

/** Starts it. Rejects with an Error in plain words when the port is taken. */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { profile, port, clock, random, log, tap, onServed, allowedOrigins = [] } = options;
  const plan = options.faults ?? { faults: [] };
  // A stage without faults is not wrapped at all.
  const isWrapped = plan.faults.length > 0 || tap !== undefined;
  const faults = isWrapped ? new FaultInjector({ plan, clock, random: random.fork('faults'), tap }) : null;
  const accounts = new LocalAccounts(options, faults ?? undefined);
  const services = (caller: Caller) => accounts.of(caller).services;
  let loading: Promise<EndpointsHandler> | null = null;
  const endpoints = () => {
    loading ??= loadEndpoints().then((awsEndpoints) =>
      awsEndpoints({ services, log, ...(onServed === undefined ? {} : { onServed }) }),
    );
    return loading;
  };
  const front = await listenFront({
    apis: accounts.apis,
    quotas: profile.quotas,
    endpoints: options.controlPlane === false ? null : endpoints,
    port,
    allowedOrigins,
    log,
  });
  accounts.servedOn(front.port);
  const { account, cloudFormation } = accounts.home;
  return {
    port: front.port,
    account,
    cloudFormation,
    faults,
    close: async () => {
      await accounts.close();
      await front.close();
    },
  };
}

/**
 * The accounts and Regions of a local AWS. A stack is of one account in one Region, as everything else is: whoever asks with
 * other credentials, or elsewhere, finds nothing of it. The home account is there from the start, others from the first call
 * that is made with their credentials or to their Region. All share the APIs' port.
 */
class LocalAccounts {
  readonly apis = new Apis();
  readonly home: AccountRegion;
  readonly #options: LocalAwsOptions;
  readonly #faults: FaultInjector | undefined;
  readonly #region: string;
  readonly #all = new Map<string, AccountRegion>();
  #port = 0;

  constructor(options: LocalAwsOptions, faults: FaultInjector | undefined) {
    this.#options = options;
    this.#faults = faults;
    this.#region = options.region ?? HOME.region;
    this.home = this.#made(HOME.accountId, this.#region, options.random);
  }

  servedOn(port: number): void {
    this.#port = port;
    for (const { account } of this.#all.values()) account.servedOn(port);
  }

  /** What a caller finds. Throws AWS's error where there is no such Region. */
  of({ accountId, region }: Caller): AccountRegion {
    const [number, place] = [accountId ?? HOME.accountId, region ?? this.#region];
    const known = this.#all.get(`${number} ${place}`);
    if (known !== undefined) return known;
    if (!REGION_NAME.test(place))
      throw new AwsError('SignatureDoesNotMatch', `Credential should be scoped to a valid region`, 403);
    if (this.#all.size >= MOST_ACCOUNTS)
      throw new AwsError(
        'AccessDenied',
        `the local stage has ${MOST_ACCOUNTS} accounts and Regions at most`,
        403,
      );
    return this.#made(number, place, this.#options.random.fork(`${number} ${place}`));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.values()].map(({ account }) => account.close()));
  }

  #made(accountId: string, region: string, random: Random): AccountRegion {
    const { profile, clock, log, refuseDeletion = [] } = this.#options;
    const place = { region, accountId, clock, log };
    const account = new LocalAccount({
      ...place,
      profile,
      random: random.fork('account'),
      newFunction: startFunction,
      faults: this.#faults,
      apis: this.apis,
    });
    account.servedOn(this.#port);
    const cloudFormation = new CloudFormation({
      ...place,
      provisioner: slowProvisioner(
        refusingProvisioner(account, refuseDeletion),
        clock,
        profile.quirks.resourceMs,
      ),
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
            { Key: LOCAL_TAGS.profile, Value: profile.name },
            { Key: LOCAL_TAGS.dispatch, Value: profile.dispatch },
            { Key: LOCAL_TAGS.settling, Value: String(settlingMs(profile.quirks)) },
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

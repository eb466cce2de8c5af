/**
 * The local stage without a stack: an account, CloudFormation to deploy into it, and one loopback port on which APIs and
 * AWS endpoints are served. Closing it ends everything, function processes included.
 */
import type { FaultPlan } from '../../bench/core/fault.ts';
import type { Clock, Random } from '../../bench/ports.ts';
import type { LocalAccount } from './account/account.ts';
import { LocalAccounts } from './accounts.ts';
import type { CloudFormation } from './cloudformation/cloudformation.ts';
import type { Caller } from './endpoints/caller.ts';
import type { AwsEndpointsOptions, EndpointsHandler } from './endpoints/endpoints.ts';
import { FaultInjector, type FaultInjectorOptions, type FrameTap } from './fault/fault-injector.ts';
import { Front } from './front.ts';
import type { Profile } from './profile.ts';

export interface LocalAwsOptions {
  readonly profile: Profile;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
  /** What is to go wrong; nothing when left out. */
  readonly faults?: FaultPlan | null;
  /** Whether the AWS endpoints are served, with which whoever reaches the port runs code; they are unless told otherwise. */
  readonly controlPlane?: boolean;
  /** Origins whose web pages may call; none unless told otherwise. */
  readonly allowedOrigins?: readonly string[];
  /** Logical ids of resources that refuse their deletion; none unless told otherwise. */
  readonly refuseDeletion?: readonly string[];
  /** Told of every text frame that leaves for a client. */
  readonly tap?: FrameTap;
  /** Told of every operation that the AWS endpoints perform. */
  readonly onServed?: AwsEndpointsOptions['onServed'];
  /** Of the account that a stage starts with; us-east-1 unless told otherwise. */
  readonly region?: string;
}

export interface LocalAws {
  readonly port: number;
  /** The home account, which callers get whose credentials name no other. */
  readonly account: LocalAccount;
  readonly cloudFormation: CloudFormation;
  /** Null where nothing is to go wrong and nobody listens. */
  readonly faults: FaultInjector | null;
  /** Ends everything now: messages under way are forgotten, clients get 1001, function processes end. */
  close(): Promise<void>;
}

/** Region of the home account unless told otherwise. */
const REGION = 'us-east-1';

/** A stage without faults is not wrapped at all. */
function injectorFor(options: FaultInjectorOptions): FaultInjector | null {
  return options.plan.faults.length === 0 && options.tap === undefined ? null : new FaultInjector(options);
}

/** Starts it. Rejects with an Error in plain words when the port is taken. */
export async function startLocalAws({
  profile,
  port,
  clock,
  random,
  log,
  faults: plan,
  controlPlane = true,
  allowedOrigins = [],
  refuseDeletion = [],
  tap,
  onServed,
  region = REGION,
}: LocalAwsOptions): Promise<LocalAws> {
  const faults = injectorFor({ plan: plan ?? { faults: [] }, clock, random: random.fork('faults'), tap });
  const accounts = new LocalAccounts({
    ...{ profile, clock, random, log, faults: faults ?? undefined, region },
    refuseDeletion,
  });
  const services = (caller: Caller) => accounts.of(caller).services;
  let loading: Promise<EndpointsHandler> | null = null;
  const endpoints = () => {
    loading ??= import('./endpoints/endpoints.ts').then(({ awsEndpoints }) =>
      awsEndpoints({ services, log, ...(onServed === undefined ? {} : { onServed }) }),
    );
    return loading;
  };
  const front = await Front.listen({
    apis: accounts.apis,
    quotas: profile.quotas,
    endpoints: controlPlane ? endpoints : null,
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

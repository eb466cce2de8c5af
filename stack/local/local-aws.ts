/**
 * The local stage without a stack: an account, CloudFormation to deploy into it, and one loopback port on which APIs and
 * AWS endpoints are served. Closing it ends everything, function processes included.
 */
import type { FaultPlan } from '../../bench/core/fault.ts';
import type { Clock, Random } from '../../bench/ports.ts';
import { LocalAccount } from './account/account.ts';
import { lambdaActions } from './account/lambda-actions.ts';
import { reachableAt } from './account/reachable.ts';
import { cloudFormationActions } from './cloudformation/actions.ts';
import { CloudFormation } from './cloudformation/cloudformation.ts';
import { refusingProvisioner } from './cloudformation/refusing-provisioner.ts';
import { cloudWatchActions } from './cloudwatch/actions.ts';
import type { EndpointsHandler } from './endpoints/endpoints.ts';
import { stsActions } from './endpoints/sts-actions.ts';
import { FaultInjector, type FaultInjectorOptions, type FrameTap } from './fault/fault-injector.ts';
import { Front } from './front.ts';
import { startFunction } from './function/process-runtime.ts';
import type { Profile } from './profile.ts';
import { kinesisActions } from './stream/kinesis-actions.ts';

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
}

export interface LocalAws {
  readonly port: number;
  readonly account: LocalAccount;
  readonly cloudFormation: CloudFormation;
  /** Null where nothing is to go wrong and nobody listens. */
  readonly faults: FaultInjector | null;
  /** Ends everything now: messages under way are forgotten, clients get 1001, function processes end. */
  close(): Promise<void>;
}

/** Names in ARNs and endpoints. The account is the one AWS uses in its own documentation. */
const REGION = 'us-east-1';
const ACCOUNT_ID = '123456789012';

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
}: LocalAwsOptions): Promise<LocalAws> {
  const place = { region: REGION, accountId: ACCOUNT_ID, clock, log };
  const faults = injectorFor({ plan: plan ?? { faults: [] }, clock, random: random.fork('faults'), tap });
  const account = new LocalAccount({
    ...place,
    profile,
    random: random.fork('account'),
    newFunction: startFunction,
    faults: faults ?? undefined,
  });
  const cloudFormation = new CloudFormation({
    ...place,
    provisioner: refusingProvisioner(account, refuseDeletion),
    random: random.fork('cloudformation'),
  });
  const { metrics, kinesis } = account;
  let loading: Promise<EndpointsHandler> | null = null;
  const endpoints = () => {
    loading ??= import('./endpoints/endpoints.ts').then(({ awsEndpoints }) =>
      awsEndpoints({ services, log }),
    );
    return loading;
  };
  const front = await Front.listen({
    apis: account.apis,
    quotas: profile.quotas,
    endpoints: controlPlane ? endpoints : null,
    port,
    allowedOrigins,
    log,
  });
  account.servedOn(front.port);
  const services = {
    cloudformation: cloudFormationActions({
      cloudFormation,
      reachable: reachableAt(`127.0.0.1:${front.port}`),
      // So that whoever drives a stack by its name can say what kind of stage it was.
      tags: [
        { Key: 'local-stage:profile', Value: profile.name },
        { Key: 'local-stage:dispatch', Value: profile.dispatch },
      ],
    }),
    cloudwatch: cloudWatchActions({ ...place, store: metrics }),
    kinesis: kinesisActions({ ...place, kinesis, metrics, profile, random: random.fork('kinesis api') }),
    lambda: lambdaActions(account),
    sts: stsActions({ accountId: ACCOUNT_ID }),
  };
  return {
    port: front.port,
    account,
    cloudFormation,
    faults,
    close: async () => {
      await account.close();
      await front.close();
    },
  };
}

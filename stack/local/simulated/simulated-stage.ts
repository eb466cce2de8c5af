/**
 * Starts a stage without a machine: the local stage's parts on a given clock, without a socket or a process. Clients
 * are handed to the gateway by whoever runs it; functions run in this process, or a model of them does.
 */
import type { FaultPlan } from '../../../bench/model/fault.ts';
import type { StageMetrics } from '../../../bench/model/result.ts';
import type { Clock, Random } from '../../../bench/ports.ts';
import type { ResolvedStack } from '../../template/value.ts';
import { LocalAccount } from '../account/account.ts';
import { CloudFormation } from '../cloudformation/cloudformation.ts';
import { checkFaults, type DeploymentOptions, deploy, HOME, profileNotes } from '../deployment.ts';
import { FaultInjector } from '../fault/fault-injector.ts';
import { type FunctionOptions, type HostedFunction, LocalFunction } from '../function/function.ts';
import type { FunctionRuntime } from '../function/runtime.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Profile } from '../profile.ts';
import { stageMetrics } from '../series.ts';
import { CodeRuntime } from './code-runtime.ts';
import { ModelRuntime } from './model-runtime.ts';

/** `code` runs the template's own functions; `model` does what the reference stack's do, without running them. */
export const FUNCTION_KINDS = ['code', 'model'] as const;
export type FunctionKind = (typeof FUNCTION_KINDS)[number];

export interface SimulatedStageOptions extends DeploymentOptions {
  readonly profile: Profile;
  readonly clock: Clock;
  readonly random: Random;
  readonly functions: FunctionKind;
  /** What is to go wrong; null for nothing. */
  readonly faults: FaultPlan | null;
  readonly log: (line: string) => void;
}

export interface SimulatedStage {
  readonly account: LocalAccount;
  readonly gateway: Gateway;
  /** Where clients connect: `/v1`. */
  readonly path: string;
  readonly stack: ResolvedStack;
  readonly notes: readonly string[];
  /** Null where nothing is to go wrong. */
  readonly faults: FaultInjector | null;
  metrics(startEpochMs: number, endEpochMs: number): StageMetrics;
  /** Ends everything now. The clock must go on until it resolves. */
  close(): Promise<void>;
}

const FUNCTION_NOTES: Readonly<Record<FunctionKind, string>> = {
  code: 'Functions are the template’s own code, run in the simulation with an SDK that is answered in memory; their computing takes no time.',
  model:
    'Functions are a model of the reference stack’s services: what they answer is modelled, their code does not run.',
};

/** Deploys the template. Rejects with a StageConfigurationError when it or its parameters must be changed. */
export async function startSimulatedStage(options: SimulatedStageOptions): Promise<SimulatedStage> {
  const { profile, clock, random, log } = options;
  const place = { ...HOME, clock, log };
  const faults =
    options.faults === null
      ? null
      : new FaultInjector({ plan: options.faults, clock, random: random.fork('faults') });
  const account: LocalAccount = new LocalAccount({
    ...place,
    profile,
    random: random.fork('account'),
    newFunction: (functionOptions) => newFunction(functionOptions, options.functions, account),
    faults: faults ?? undefined,
  });
  const cloudFormation = new CloudFormation({
    ...place,
    provisioner: account,
    random: random.fork('cloudformation'),
  });
  const { stack, stageName } = await deploy(cloudFormation, options);
  if (options.faults !== null) checkFaults(options.faults, stack, account.kinesis);
  const path = `/${stageName}`;
  return {
    account,
    gateway: account.apis.find(undefined, path)!.gateway,
    path,
    stack,
    faults,
    notes: [...profileNotes(profile), FUNCTION_NOTES[options.functions]],
    metrics: (startEpochMs, endEpochMs) =>
      stageMetrics({ stack, store: account.metrics, startEpochMs, endEpochMs }),
    close: () => account.close(),
  };
}

function newFunction(options: FunctionOptions, kind: FunctionKind, { apis }: LocalAccount): HostedFunction {
  const newRuntime = ({ random, region }: FunctionOptions): FunctionRuntime => {
    const runtime = { random: random.fork('runtime'), region, apis };
    return kind === 'code' ? new CodeRuntime(runtime) : new ModelRuntime(runtime);
  };
  return new LocalFunction(options, newRuntime);
}

/**
 * A real function for the calibration: a Node process that notes the time its handler starts, behind the stage's own
 * function host. Its environments are started beforehand, because the published figures have no cold starts.
 */
import type { Clock, Random } from '../../../../bench/ports.ts';
import { startFunction } from '../../function/environment.ts';
import type { FunctionHost, MetricRegistry } from '../../ports.ts';
import type { Profile } from '../../profile.ts';
import type { FunctionReport } from './pipeline.ts';

/** The first thing the handler does is to look at the clock. An event without records holds its environment a while. */
const SOURCE = `
exports.handler = async (event) => {
  const startedEpochMs = Date.now();
  if (event.holdMs) await new Promise((resolve) => setTimeout(resolve, event.holdMs));
  const messages = event.Records.map((record) => Number(Buffer.from(record.kinesis.data, 'base64').toString()));
  return { startedEpochMs, messages };
};`;

/** How long an environment is held while the others start. */
const HOLD_MS = 300;

export interface ProcessFunctionOptions {
  readonly name: string;
  readonly profile: Profile;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: MetricRegistry;
  readonly log: (line: string) => void;
}

export interface ProcessFunction {
  /** The function as a mapping invokes it; every invocation is reported before it answers. */
  reportingTo(report: (report: FunctionReport) => void): FunctionHost;
  /** Starts this many environments. */
  warm(environments: number): Promise<void>;
  close(): Promise<void>;
}

/** Deploys the function. Failed invocations are logged; their messages are retried by the mapping. */
export function processFunction({ name, log, ...rest }: ProcessFunctionOptions): ProcessFunction {
  const host = startFunction({
    ...rest,
    log,
    resource: {
      logicalId: name,
      type: 'AWS::Lambda::Function',
      physicalId: name,
      attributes: {},
      properties: {
        Handler: 'index.handler',
        Role: 'arn:aws:iam::123456789012:role/r',
        Runtime: 'nodejs22.x',
        Timeout: 20,
        Code: { ZipFile: SOURCE },
      },
    },
    region: 'us-east-1',
    accountId: '123456789012',
    apiAddresses: [],
  });
  return {
    reportingTo: (report) => ({
      functionName: host.functionName,
      close: () => host.close(),
      async invoke(event) {
        const result = await host.invoke(event);
        if (result.kind === 'ok')
          report({
            ...(result.payload as Omit<FunctionReport, 'coldStart'>),
            coldStart: result.coldStart,
          });
        return result;
      },
    }),
    async warm(environments) {
      const event = { Records: [], holdMs: HOLD_MS };
      await Promise.all(Array.from({ length: environments }, () => host.invoke(event)));
    },
    close: () => host.close(),
  };
}

/** A local AWS without a stack, and the stock CloudFormation client that talks to it over a real socket. */
import type { TestContext } from 'node:test';
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { seededRandom } from '../../../../bench/measure/random.ts';
import { systemClock } from '../../../../bench/node/clock.ts';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../local-aws.ts';
import { IDEAL_PROFILE } from '../../profile.ts';

export interface Served {
  readonly aws: LocalAws;
  readonly client: CloudFormationClient;
  /** What every client of an AWS service needs to reach it. */
  readonly connection: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** The stack when no operation is under way on it any more. */
  settled(name: string): Promise<Stack>;
}

export async function served(context: TestContext, options: Partial<LocalAwsOptions> = {}): Promise<Served> {
  const aws = await startLocalAws({
    profile: IDEAL_PROFILE,
    port: 0,
    clock: systemClock,
    random: seededRandom(1),
    log: () => {},
    ...options,
  });
  const connection = {
    endpoint: `http://127.0.0.1:${aws.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const client = new CloudFormationClient({ ...connection, maxAttempts: 1 });
  context.after(async () => {
    client.destroy();
    await aws.close();
  });
  const settled = async (name: string): Promise<Stack> => {
    for (;;) {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
      const stack = Stacks?.[0];
      if (stack && !/_IN_PROGRESS$/.test(stack.StackStatus ?? '')) return stack;
    }
  };
  return { aws, client, connection, settled };
}

/** Resources of a small template, JSON by logical id. */
export type Resources = Readonly<Record<string, object>>;

/** A stream of a parameter's shards, and its name and ARN as outputs. */
export const STREAM: Resources = {
  Events: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: { Ref: 'Shards' } } },
};

export function templateOf(resources: Resources): string {
  return JSON.stringify({
    Description: 'a small stack',
    Parameters: {
      Shards: { Type: 'Number', Default: 1, Description: 'how many' },
      Secret: { Type: 'String', Default: 'none', NoEcho: true },
    },
    Resources: resources,
    Outputs: Object.fromEntries(
      Object.keys(resources).map((name) => [name, { Value: { Ref: name }, Description: `the ${name}` }]),
    ),
  });
}

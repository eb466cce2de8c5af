/** Local endpoints through the AWS SDK as it comes, so that what the product says of its stacks is not taken from the product. */
import { setTimeout } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import type { AwsView } from './step.ts';

/** The output that a stack of this tool has. */
const MARK = 'ServerlessWebsocketBench';
const LOOK_EVERY_MS = 100;

/** The endpoints in the Region of their stage. */
export function awsView(endpoint: string): AwsView {
  const client = (account = 'local') => ({
    ...{ region: 'us-east-1', endpoint },
    credentials: { accessKeyId: account, secretAccessKey: 'local' },
  });
  const stacksOf = async (account?: string) => {
    const answer = await new CloudFormationClient(client(account)).send(new DescribeStacksCommand({}));
    return (answer.Stacks ?? []).map(({ StackName, StackStatus, Outputs }) => {
      const isOurs = Outputs?.some(({ OutputKey }) => OutputKey === MARK);
      return `${StackName} ${StackStatus}${isOurs ? ' ours' : ''}`;
    });
  };
  const settled = async (name: string, account?: string) => {
    while (
      (await stacksOf(account)).some((stack) => stack.startsWith(`${name} `) && /_IN_PROGRESS/.test(stack))
    )
      await setTimeout(LOOK_EVERY_MS);
  };
  return {
    stacks: async (account) => (await stacksOf(account)).sort(),
    create: async (StackName, TemplateBody, account) => {
      const Capabilities = ['CAPABILITY_IAM' as const];
      const creating = new CreateStackCommand({ StackName, TemplateBody, Capabilities });
      await new CloudFormationClient(client(account)).send(creating);
      await settled(StackName, account);
    },
    deleteRetaining: async (StackName, RetainResources) => {
      const deleting = new DeleteStackCommand({ StackName, RetainResources: [...RetainResources] });
      await new CloudFormationClient(client()).send(deleting);
      await settled(StackName);
    },
    isDriven: async (prefix) => {
      const asking = new ListMetricsCommand({ Namespace: 'AWS/Kinesis', MetricName: 'IncomingRecords' });
      const { Metrics = [] } = await new CloudWatchClient(client()).send(asking);
      return Metrics.some(({ Dimensions = [] }) => Dimensions.some(({ Value }) => Value?.startsWith(prefix)));
    },
  };
}

/**
 * Pseudo parameters: the names beginning with AWS:: that every template may refer to.
 * Source: CloudFormation User Guide, "Pseudo parameters reference".
 */
import { type Account, partitionOf, randomUuid } from './identity.ts';
import type { Problems } from './problems.ts';
import { NO_VALUE, type Value } from './value.ts';

/**
 * The pseudo parameters of a stack, by full name; `stackId` is null for a new one. Reports a stack name that
 * CloudFormation would not take.
 */
export function pseudoParameters(
  account: Account,
  stackId: string | null,
  problems: Problems,
): ReadonlyMap<string, Value> {
  const { stackName, region, accountId } = account;
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(stackName)) {
    problems.add(
      'AWS::StackName',
      `"${stackName}" must start with a letter and have letters, digits and hyphens, at most 128`,
    );
  }
  const { partition, urlSuffix } = partitionOf(region);
  return new Map<string, Value>([
    ['AWS::AccountId', accountId],
    ['AWS::NoValue', NO_VALUE],
    ['AWS::NotificationARNs', []],
    ['AWS::Partition', partition],
    ['AWS::Region', region],
    ['AWS::StackId', stackId ?? newStackId(account, partition)],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', urlSuffix],
  ]);
}

function newStackId({ region, accountId, stackName, random }: Account, partition: string): string {
  const uuid = randomUuid(random.fork('stack'));
  return `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/${uuid}`;
}

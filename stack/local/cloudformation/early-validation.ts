/**
 * What CloudFormation checks before anything is made, and tells in the events of the change set's own operation: here,
 * whether a name that the template gives is taken.
 * Source: CloudFormation User Guide, "Validate stack deployments"; texts as users of rain and the AWS CDK reported them.
 */
import type { OperationEvent } from '@aws-sdk/client-cloudformation';
import { customName } from '../../template/types.ts';
import type { Change } from './change.ts';
import type { Provisioner } from './provisioner.ts';

/** The reason of a change set that failed so. It says only where to look. */
export const EARLY_VALIDATION_FAILED =
  'The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.';

/** One event for each resource whose name is taken. */
export function nameConflicts(changes: readonly Change[], account: Provisioner): OperationEvent[] {
  return changes.flatMap((change): OperationEvent[] => {
    if (change.action === 'Remove' || (change.action === 'Modify' && !change.replaced)) return [];
    const { type, logicalId, physicalId, properties } = change.after;
    const name = customName(type, properties);
    const isSame = change.action === 'Modify' && customName(type, change.before.properties) === name;
    if (name === undefined || isSame || !account.exists(change.after)) return [];
    return [
      {
        EventType: 'VALIDATION_ERROR',
        LogicalResourceId: logicalId,
        PhysicalResourceId: physicalId,
        ResourceType: type,
        ValidationName: 'NAME_CONFLICT_VALIDATION',
        ValidationStatus: 'FAILED',
        ValidationFailureMode: 'FAIL',
        ValidationPath: `/Resources/${logicalId}`,
        ValidationStatusReason: `Resource of type '${type}' with identifier '${String(name)}' already exists.`,
      },
    ];
  });
}

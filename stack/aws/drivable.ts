/**
 * Whether a stack in its state can be driven: one that is whole and at rest. Any other is refused in a sentence that says
 * what to do. States: "View stack events", AWS CloudFormation User Guide.
 */
import type { StackDescription } from './stack-description.ts';
import { IN_REVIEW, isBusy } from './stack-status.ts';

/** Why the stack can't be driven, and what to do; null when it can. */
export function refusalOf({
  name,
  status,
  statusReason,
}: Pick<StackDescription, 'name' | 'status' | 'statusReason'>): string | null {
  const advice = adviceFor(status);
  if (advice === null) return null;
  const because = statusReason === '' ? '' : ` (${statusReason})`;
  return `stack '${name}' is in state ${status}${because}: ${advice}`;
}

function adviceFor(status: string): string | null {
  if (status.startsWith('DELETE_')) return 'it is gone or going; deploy it again, or name another stack';
  if (status.startsWith('ROLLBACK_') || status === 'CREATE_FAILED')
    return 'it was never created whole; delete it, remove the cause and deploy it again';
  if (status === IN_REVIEW)
    return 'it has a change set that was never executed, and no resources; deploy it first';
  if (isBusy(status)) return 'it is being changed; wait until that is done, then run again';
  if (status.endsWith('_COMPLETE')) return null;
  return 'what it consists of is not certain; bring it to rest in CloudFormation, then run again';
}

/** A permission to invoke a function. */
import { generatedId } from '../identity.ts';
import { all, createOnly, NO_PERMISSIONS, required } from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';

const permission = createOnly(NO_PERMISSIONS);

export const PERMISSION: ResourceType = {
  type: 'AWS::Lambda::Permission',
  properties: {
    ...all(['Action', 'FunctionName', 'Principal'], required(permission)),
    ...all(['EventSourceToken', 'FunctionUrlAuthType', 'InvokedViaFunctionUrl'], permission),
    ...all(['PrincipalOrgID', 'SourceAccount', 'SourceArn'], permission),
  },
  identity: generatedId,
  ...ONLY_EXISTS,
};

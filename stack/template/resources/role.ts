/** A role. */
import { all, createOnly, label, NO_PERMISSIONS, required, tags, text } from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';

export const ROLE: ResourceType = {
  type: 'AWS::IAM::Role',
  properties: {
    AssumeRolePolicyDocument: required(NO_PERMISSIONS),
    RoleName: text({
      pattern: /^[\w+=,.@-]{1,64}$/,
      says: 'letters, digits and _+=,.@-, at most 64',
      nameLimit: 64,
    }),
    Path: createOnly(text({ pattern: /^\/(.*\/)?$/, says: 'a path that begins and ends with /' })),
    ...all(['ManagedPolicyArns', 'MaxSessionDuration', 'PermissionsBoundary', 'Policies'], NO_PERMISSIONS),
    Description: label,
    Tags: tags,
  },
  identity(naming) {
    const name = naming.name();
    const RoleId = `AROA${naming.upperCase(17)}`;
    const Arn = naming.arn('iam', `role${naming.text('Path') || '/'}${name}`, '');
    return { physicalId: name, attributes: { Arn, RoleId } };
  },
  ...ONLY_EXISTS,
};

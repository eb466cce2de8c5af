/** A policy of roles. */
import { generatedId } from '../identity.ts';
import { all, NO_PERMISSIONS, required } from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';

export const POLICY: ResourceType = {
  type: 'AWS::IAM::Policy',
  properties: {
    ...all(['PolicyName', 'PolicyDocument'], required(NO_PERMISSIONS)),
    ...all(['Groups', 'Roles', 'Users'], NO_PERMISSIONS),
  },
  identity: generatedId,
  ...ONLY_EXISTS,
};

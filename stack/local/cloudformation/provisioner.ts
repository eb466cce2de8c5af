/** What CloudFormation needs of an account: one resource made, changed or removed at a time. Rejects as the service would. */

import type { ResolvedResource } from '../../template/resolved.ts';
import type { GatewayConfig } from '../gateway/gateway-config.ts';

export interface Provisioner {
  /** Whether a resource of the type has the name already. */
  exists(resource: ResolvedResource): boolean;
  create(resource: ResolvedResource): Promise<void>;
  /** In place: the physical id stays. */
  update(before: ResolvedResource, after: ResolvedResource): Promise<void>;
  remove(resource: ResolvedResource): Promise<void>;
  /** Puts the APIs of a stack into service as they are now; they are removed with their resource. */
  deploy(apis: readonly GatewayConfig[]): void;
}

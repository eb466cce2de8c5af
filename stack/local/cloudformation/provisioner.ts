/** What CloudFormation needs of an account: one resource made, changed or removed at a time. Rejects as the service would. */

import type { Clock } from '../../../bench/ports.ts';
import type { ResolvedResource } from '../../template/value.ts';
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

/** The account with some of its deeds done otherwise. */
function wrapped(account: Provisioner, changed: Partial<Provisioner>): Provisioner {
  return {
    exists: (resource) => account.exists(resource),
    create: (resource) => account.create(resource),
    update: (before, after) => account.update(before, after),
    remove: (resource) => account.remove(resource),
    deploy: (apis) => account.deploy(apis),
    ...changed,
  };
}

/**
 * The account, in which resources with these logical ids can't be deleted, as on AWS when something outside the stack holds
 * on to them.
 */
export function refusingProvisioner(account: Provisioner, logicalIds: readonly string[]): Provisioner {
  if (logicalIds.length === 0) return account;
  return wrapped(account, {
    remove: async (resource) => {
      if (!logicalIds.includes(resource.logicalId)) return account.remove(resource);
      const text = `${resource.physicalId} is in use and can't be deleted`;
      throw new Error(
        `Resource handler returned message: "${text}" (HandlerErrorCode: GeneralServiceException)`,
      );
    },
  });
}

/** The account, in which a resource takes that long to be made, changed or removed, ms: an operation can be met half-way. */
export function slowProvisioner(account: Provisioner, clock: Clock, ms: number): Provisioner {
  if (ms === 0) return account;
  const after = (work: () => Promise<void>): Promise<void> =>
    new Promise<void>((resolve) => clock.at(clock.now() + ms, resolve)).then(work);
  return wrapped(account, {
    create: (resource) => after(() => account.create(resource)),
    update: (before, now) => after(() => account.update(before, now)),
    remove: (resource) => after(() => account.remove(resource)),
  });
}

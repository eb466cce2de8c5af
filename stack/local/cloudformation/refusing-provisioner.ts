/** An account in which some resources can't be deleted, as on AWS when something outside the stack holds on to them. */
import type { Provisioner } from './provisioner.ts';

/** The account, in which resources with these logical ids refuse their deletion. */
export function refusingProvisioner(account: Provisioner, logicalIds: readonly string[]): Provisioner {
  if (logicalIds.length === 0) return account;
  return {
    exists: (resource) => account.exists(resource),
    create: (resource) => account.create(resource),
    update: (before, after) => account.update(before, after),
    deploy: (apis) => account.deploy(apis),
    remove: async (resource) => {
      if (!logicalIds.includes(resource.logicalId)) return account.remove(resource);
      const text = `${resource.physicalId} is in use and can't be deleted`;
      throw new Error(
        `Resource handler returned message: "${text}" (HandlerErrorCode: GeneralServiceException)`,
      );
    },
  };
}

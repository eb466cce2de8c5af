/** An account in which every resource takes its time, as on AWS: an operation can be met half-way. */
import type { Clock } from '../../../bench/ports.ts';
import type { Provisioner } from './provisioner.ts';

/** The account, in which a resource takes that long to be made, changed or removed, ms. */
export function slowProvisioner(account: Provisioner, clock: Clock, ms: number): Provisioner {
  if (ms === 0) return account;
  const after = (work: () => Promise<void>): Promise<void> =>
    new Promise<void>((resolve) => clock.at(clock.now() + ms, resolve)).then(work);
  return {
    exists: (resource) => account.exists(resource),
    create: (resource) => after(() => account.create(resource)),
    update: (before, now) => after(() => account.update(before, now)),
    deploy: (apis) => account.deploy(apis),
    remove: (resource) => after(() => account.remove(resource)),
  };
}

/**
 * What a run needs of the system's limits on sockets, checked before it starts: open files, ports and addresses. All that
 * is missing is told together.
 */
import { counted } from '../model/counted.ts';
import { OperatingError } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import { addressProblems, machineAddresses } from '../node/addresses.ts';
import { type OpenFileLimits, openFileLimits } from '../node/machine.ts';

/** Files that driver and stage each need beside their connections: pipes, modules, function sockets. */
const SPARE_FILES = 200;

/** Files of a driver thread: the pipes and wake-ups of its event loop. */
const FILES_PER_THREAD = 10;

/** A connection that is being closed keeps its file this long at most, while churn opens the next: see ws-connection.ts. */
const CLOSING_S = 2;

/** Throws an OperatingError when this machine's limits do not let the plan open its connections. */
export function checkSocketLimits(plan: Plan): void {
  const problems = [
    ...openFileProblems(plan, openFileLimits()),
    ...addressProblems(plan, machineAddresses()),
  ];
  if (problems.length > 0) throw new OperatingError(problems.join('\n'));
}

/** What the plan needs open at once in the driver's process, whose threads share it. The local stage needs as many. */
export function filesNeeded({ connections, churnPerSecond, threads }: Plan): number {
  return connections + Math.ceil(churnPerSecond * CLOSING_S) + threads * FILES_PER_THREAD + SPARE_FILES;
}

/** Node raises the soft limit to the hard one when it starts, so only the hard one can be short. */
export function openFileProblems(plan: Plan, limits: OpenFileLimits | null): string[] {
  const needed = filesNeeded(plan);
  if (limits === null || limits.soft >= needed) return [];
  const who = plan.stage === 'local' ? 'driver and local stage each need' : 'the driver needs';
  return [
    `connections: for ${counted(plan.connections, 'connection')} ${who} ${needed} open files and the hard limit is ${limits.hard}. ` +
      `Raise it with 'ulimit -n ${needed}' as root before the run, or for good in /etc/security/limits.conf (a service: LimitNOFILE), or use fewer connections.`,
  ];
}

/**
 * Kills connections, or leaves them half-open. By `ratio`, each connection that is open when the fault begins is struck
 * with that chance, all at the same moment; those that open later are not. By rate, one connection picked by chance is
 * struck when the fault begins and then at even intervals while it is at work.
 */
import type { Clock } from '../../../bench/ports.ts';
import type { Appointments } from '../gateway/appointments.ts';
import type { ArmedFault } from './armed-fault.ts';

/** A connection as far as it can be struck. */
export interface StrikableConnection {
  readonly connectionId: string;
  /** Resets it: the client sees 1006. */
  kill(): void;
  /** From now on it carries nothing in either direction, for good. */
  silence(): void;
}

export interface ConnectionFaultsOptions {
  readonly clock: Clock;
  readonly appointments: Appointments;
  /** The connections that are open and carry messages, in the order they opened. */
  readonly open: ReadonlySet<StrikableConnection>;
}

/** Makes the appointments of a fault on connections. */
export function armConnectionFault(armed: ArmedFault, options: ConnectionFaultsOptions): void {
  if (armed.fault.ratePerSecond === null) {
    options.appointments.at(armed.fromMs, () => strikeShare(armed, options));
  } else armNext(armed, options, 0, 1_000 / armed.fault.ratePerSecond);
}

function strikeShare(armed: ArmedFault, { clock, open }: ConnectionFaultsOptions): void {
  const nowMs = Math.max(clock.now(), armed.fromMs);
  for (const connection of [...open]) if (armed.picks(nowMs)) strike(armed, connection);
}

/** Intervals are counted from the beginning, so that late timers do not add up. */
function armNext(
  armed: ArmedFault,
  options: ConnectionFaultsOptions,
  index: number,
  intervalMs: number,
): void {
  const dueMs = armed.fromMs + index * intervalMs;
  if (!armed.isActive(dueMs)) return;
  options.appointments.at(dueMs, () => {
    const open = [...options.open];
    const picked = open[armed.pickIndex(open.length)];
    if (picked !== undefined) strike(armed, picked);
    armNext(armed, options, index + 1, intervalMs);
  });
}

function strike(armed: ArmedFault, connection: StrikableConnection): void {
  armed.count('touched', { connectionId: connection.connectionId, stream: null });
  if (armed.fault.do === 'kill') connection.kill();
  else connection.silence();
}

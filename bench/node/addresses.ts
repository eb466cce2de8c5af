/**
 * Where connections come from. A connection takes a port of its source address, and one address has about 28,000 of them
 * for connections to one server (ip(7), ip_local_port_range). More connections need more addresses: those that the plan
 * names, or for a server on 127.0.0.0/8, all of which is this machine on Linux, as many of 127.0.0.1 to 127.0.0.254 as it
 * takes. What is missing is found before a run, not by connections that fail during it.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Plan } from '../model/plan.ts';

/** Ports of an address that a run may take; the others are for what else this machine connects to. */
const USABLE_SHARE = 0.9;

/** A connection that churn closes keeps its port at most as long as its closing handshake may take: see ws-connection.ts. */
const CLOSING_S = 2;

/** Loopback addresses taken in turn: 127.0.0.1 to 127.0.0.254. */
const MAX_LOOPBACK = 254;

/** What this machine has. Given, so that the rules can be tested. */
export interface MachineAddresses {
  /** Ports that the system hands out per address; null where it doesn't say (not Linux). */
  readonly portsPerAddress: number | null;
  readonly addresses: readonly string[];
}

/** This machine's addresses and ports. */
export function machineAddresses(): MachineAddresses {
  const interfaces = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return { portsPerAddress: portsPerAddress(), addresses: interfaces.map(({ address }) => address) };
}

function portsPerAddress(): number | null {
  try {
    const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/);
    const [first, last] = range.map(Number);
    return last! - first! + 1;
  } catch {
    return null;
  }
}

/** What the rules need of a plan. */
export type AddressPlan = Pick<Plan, 'stage' | 'connections' | 'churnPerSecond' | 'localAddresses'>;

/** Addresses to connect from, in turn; empty leaves it to the system. `url` is where the stage is. */
export function sourceAddresses(
  plan: AddressPlan,
  url: string,
  machine: MachineAddresses,
): readonly string[] {
  if (plan.localAddresses.length > 0) return plan.localAddresses;
  const needed = addressesNeeded(plan, machine);
  if (needed <= 1 || !isLoopbackNet(new URL(url).hostname)) return [];
  const count = Math.min(needed, MAX_LOOPBACK);
  return Array.from({ length: count }, (_, index) => `127.0.0.${index + 1}`);
}

/** The list from its element `start` on and around, so that threads begin with different addresses. */
export function inTurnFrom(addresses: readonly string[], start: number): readonly string[] {
  const at = addresses.length === 0 ? 0 : start % addresses.length;
  return [...addresses.slice(at), ...addresses.slice(0, at)];
}

/** Why the plan can't be driven from this machine: a sentence each, with the remedy. Empty when it can. */
export function addressProblems(plan: AddressPlan, machine: MachineAddresses): string[] {
  const host = hostOf(plan.stage);
  return [
    ...plan.localAddresses.flatMap((address) => problemsOf(address, host, machine)),
    ...portProblems(plan, host, machine),
  ];
}

function problemsOf(
  address: string,
  host: string | null,
  { portsPerAddress, addresses }: MachineAddresses,
): string[] {
  const isLinux = portsPerAddress !== null;
  if (!addresses.includes(address) && !(isLinux && isLoopbackNet(address)))
    return [`local-address: ${address} is no address of this machine; it has ${addresses.join(', ')}`];
  if (isLoopbackNet(address) && !(host !== null && (host === 'localhost' || isLoopbackNet(host))))
    return [
      `local-address: ${address} reaches this machine only; leave it out, or give an address that reaches the stage`,
    ];
  if (host !== null && isIP(host) !== 0 && isIP(host) !== isIP(address))
    return [`local-address: ${address} and the stage's ${host} are not of the same IP version`];
  return [];
}

function portProblems(plan: AddressPlan, host: string | null, machine: MachineAddresses): string[] {
  const needed = addressesNeeded(plan, machine);
  const isLoopback = host !== null && isLoopbackNet(host);
  const given = Math.max(1, plan.localAddresses.length);
  const available = isLoopback && plan.localAddresses.length === 0 ? MAX_LOOPBACK : given;
  if (needed <= available) return [];
  const usable = Math.floor(machine.portsPerAddress! * USABLE_SHARE);
  const remedy = isLoopback
    ? `use at most ${usable * available} of them`
    : `name ${needed} addresses of this machine with --local-address, or use at most ${usable * available} connections`;
  return [
    `connections: ${plan.connections} connections need ${portsNeeded(plan)} ports, and the system has ${usable} of them per address ` +
      `(net.ipv4.ip_local_port_range, less a tenth for others): ${remedy}`,
  ];
}

function portsNeeded({ connections, churnPerSecond }: AddressPlan): number {
  return connections + Math.ceil(churnPerSecond * CLOSING_S);
}

/** How many addresses it takes; one where nothing is known of ports. */
function addressesNeeded(plan: AddressPlan, { portsPerAddress }: MachineAddresses): number {
  if (portsPerAddress === null) return 1;
  return Math.ceil(portsNeeded(plan) / Math.floor(portsPerAddress * USABLE_SHARE));
}

/** Where a plan's stage is: null when only its stack will tell. The local stage listens on 127.0.0.1. */
function hostOf(stage: string): string | null {
  if (stage === 'local') return '127.0.0.1';
  return /^wss?:/.test(stage) ? new URL(stage).hostname.replaceAll(/[[\]]/g, '') : null;
}

/** 127.0.0.0/8, every address of which is the machine itself on Linux. `localhost` may be ::1, which has one address. */
function isLoopbackNet(host: string): boolean {
  return isIP(host) === 4 && host.startsWith('127.');
}

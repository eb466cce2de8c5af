/**
 * What the machines of a fleet cost that AWS Batch runs on Fargate: processors and memory by the second, a minute at the
 * least, from when the image is pulled until the task has ended (https://aws.amazon.com/fargate/pricing/); and a public
 * IPv4 address for every hour that it begins (https://aws.amazon.com/vpc/pricing/ has a price for the hour and says nothing
 * of parts of it). Other engines' machines have no price that is known here.
 */
import { begunHours, type CostItem, costItem } from './cost.ts';
import type { RegionPrices } from './prices.ts';

/** What a worker runs on. */
export interface Machine {
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly architecture: 'X86_64' | 'ARM64';
  readonly hasPublicAddress: boolean;
}

/** The least that Fargate bills, in seconds. */
const LEAST_SECONDS = 60;

/** Pulling an image of some 300 MB into a task, with room: it is billed, and no limit of Batch's counts it. */
export const PULL_MS = 120_000;

/** Items of so many workers that each live so long; null where the table has no prices of Fargate. */
export function fleetItems(
  machine: Machine,
  { workers, ms }: { readonly workers: number; readonly ms: number },
  { rates }: RegionPrices,
): CostItem[] | null {
  const isArm = machine.architecture === 'ARM64';
  const vcpuHour = isArm ? rates.fargateArmVcpuHour : rates.fargateX86VcpuHour;
  const gigabyteHour = isArm ? rates.fargateArmGigabyteHour : rates.fargateX86GigabyteHour;
  const { publicAddressHour } = rates;
  if (vcpuHour === undefined || gigabyteHour === undefined || publicAddressHour === undefined) return null;
  const hours = (workers * Math.max(LEAST_SECONDS, Math.ceil(ms / 1000))) / 3600;
  return [
    costItem('Fargate processors', hours * machine.vcpus, vcpuHour),
    costItem('Fargate memory', hours * (machine.memoryMib / 1024), gigabyteHour),
    ...(machine.hasPublicAddress
      ? [costItem('Public IPv4 addresses', workers * begunHours(ms), publicAddressHour)]
      : []),
  ];
}

/** A worker's machine in words: `1 vCPU, 2 GB, ARM64, public address`. */
export function machineText({ vcpus, memoryMib, architecture, hasPublicAddress }: Machine): string {
  return `${vcpus} vCPU, ${memoryMib / 1024} GB, ${architecture}${hasPublicAddress ? ', public address' : ''}`;
}

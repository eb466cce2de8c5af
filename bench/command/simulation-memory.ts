/**
 * The memory that a simulation takes, told before it starts and checked: a heap that is full after minutes of opening ends the
 * process with nothing to show. Both ends of every connection are in this process.
 */
import { freemem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { counted } from '../model/counted.ts';
import type { Plan } from '../model/plan.ts';

const MIB = 1_048_576;

/** Measured on Node 20, rounded up: the stage and the driver themselves, with what the collector needs to work in. */
const BASE_BYTES = 256 * MIB;

/** Of a connection at both ends, and once more of one that carries messages: its delay lines, its ledger's slots. */
const CONNECTION_BYTES = 2_048;
const ACTIVE_BYTES = 8_192;

/** Told from here on; below it every machine has it. */
const WORTH_TELLING_BYTES = 1_024 * MIB;

/** What this process may take, bytes. */
export interface MemoryLimits {
  /** V8's, which `--max-old-space-size` sets. */
  readonly heap: number;
  /** What the machine has left, or the container allows. */
  readonly available: number;
}

export function memoryLimits(): MemoryLimits {
  // Zero or more than there is where nothing is constrained.
  const allowed = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return { heap: getHeapStatistics().heap_size_limit, available: Math.min(freemem(), allowed) };
}

/** Bytes that the plan takes at most. */
export function memoryNeeded({ connections, load, warmupMs, durationMs }: Plan): number {
  const messages =
    load.kind === 'open' ? (load.ratePerSecond * (warmupMs + durationMs)) / 1_000 : connections;
  return BASE_BYTES + connections * CONNECTION_BYTES + Math.min(connections, messages) * ACTIVE_BYTES;
}

/** A clause about the memory where it is worth telling, else null. */
export function memoryNote(plan: Plan): string | null {
  const needed = memoryNeeded(plan);
  return needed < WORTH_TELLING_BYTES ? null : `takes up to ${gigabytes(needed)} of memory`;
}

/** What is short, with the remedy. */
export function memoryProblems(plan: Plan, { heap, available }: MemoryLimits): string[] {
  const needed = memoryNeeded(plan);
  const what = `connections: simulating ${counted(plan.connections, 'connection')} takes up to ${gigabytes(needed)} of memory`;
  if (needed > available)
    return [`${what}, and ${gigabytes(available)} are available; use fewer connections, or another machine`];
  if (needed <= heap) return [];
  const heapMib = Math.ceil(needed / MIB);
  return [
    `${what}, and Node gives its heap ${gigabytes(heap)}; put NODE_OPTIONS=--max-old-space-size=${heapMib} before the same command, or use fewer connections`,
  ];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

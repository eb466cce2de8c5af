/** Facts about this machine and this installation: what a result's environment says, and how busy the processors are. */
import { execFileSync, type StdioOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Plan } from '../model/plan.ts';
import type { RunResult } from '../model/result.ts';

/** Root of the installed package. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The installed package.json: its version, and the exact one of `ws` that it was tried with. */
export function packageManifest(): {
  readonly version: string;
  readonly dependencies: { readonly ws: string };
} {
  return JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8'));
}

/** The package's version. */
export function packageVersion(): string {
  return packageManifest().version;
}

/** Commit of the checkout that runs, null outside one. */
function commit(): string | null {
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: PACKAGE_ROOT, encoding: 'utf8', stdio }).trim();
  } catch {
    return null;
  }
}

/** The environment of a run of the plan. */
export function environmentOf(plan: Plan): RunResult['environment'] {
  const cpus = os.cpus();
  return {
    node: process.version,
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    cpus: `${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}`,
    version: packageVersion(),
    commit: commit(),
    threads: plan.threads,
    seed: plan.seed,
  };
}

/** A meter of all processors' busy share since its previous call. Null where the system does not say. */
export function hostMeter(): () => number | null {
  let before = processorTimes();
  return () => {
    const now = processorTimes();
    const total = now.total - before.total;
    const idle = now.idle - before.idle;
    before = now;
    return total > 0 ? 1 - idle / total : null;
  };
}

/** A meter of the share of all processors' time that a hypervisor withheld since its previous call. Null outside Linux. */
export function stealMeter(): () => number | null {
  let before = stolenTimes();
  return () => {
    const now = stolenTimes();
    if (before === null || now === null) return null;
    const total = now.total - before.total;
    const stolen = now.stolen - before.stolen;
    before = now;
    return total > 0 ? stolen / total : null;
  };
}

/** Of the first line of /proc/stat (proc(5)): user nice system idle iowait irq softirq steal, in ticks; guests are in user. */
function stolenTimes(): { stolen: number; total: number } | null {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
    const ticks = line.split(/\s+/).slice(1, 9).map(Number);
    return { stolen: ticks[7] ?? 0, total: ticks.reduce((sum, part) => sum + part, 0) };
  } catch {
    return null;
  }
}

function processorTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of os.cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}

/** Limits of a process on files and sockets open at once. The hard one bounds how far the soft one can be raised. */
export interface OpenFileLimits {
  readonly soft: number;
  readonly hard: number;
}

/** This process's limits; null where the system does not say (not Linux). Children inherit them. */
export function openFileLimits(): OpenFileLimits | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits) ?? [];
    return soft === undefined || hard === undefined ? null : { soft: limitOf(soft), hard: limitOf(hard) };
  } catch {
    return null;
  }
}

function limitOf(text: string): number {
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
}

/** Most files and sockets this process may have open; null where the system does not say. */
export function openFileLimit(): number | null {
  return openFileLimits()?.soft ?? null;
}

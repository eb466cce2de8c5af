/**
 * Proves fleets on a real Slurm on this machine: merged counts are the server's, a worker that dies is missed by name and by
 * share, Ctrl-C leaves no task behind, and workers start together. The cluster is scripts/slurm/cluster.sh's, on loopback,
 * with ports and keys of its own.
 *
 * Usage: tsx scripts/fleet-proof.ts [--short] [--large] [--only NAME] [--keep]
 *   --short   what a push is to be checked for, in under a minute      --large   adds 8 workers × 2,000 connections
 */

import { refuse, scriptArguments } from './script-arguments.ts';
import { Desk } from './slurm/desk.ts';
import { interrupted, interruptedTwice } from './slurm/interruption-proofs.ts';
import { byHand, cancelled, counts, death, large, stack } from './slurm/proofs.ts';

const flag = { type: 'boolean', default: false } as const;
const { values: asked } = scriptArguments({
  ...{ short: flag, large: flag, keep: flag },
  only: { type: 'string' },
});

type Proof = (desk: Desk) => Promise<void>;

const SHORT: readonly Proof[] = [
  (desk) => counts(desk, { workers: 4, connections: 80, seconds: 3 }),
  interrupted,
];
const ALL: readonly Proof[] = [counts, death, cancelled, interrupted, interruptedTwice, byHand, stack];

function proofs(): readonly Proof[] {
  if (asked.only !== undefined) return [...ALL, large].filter(({ name }) => name === asked.only);
  if (asked.short) return SHORT;
  return asked.large ? [...ALL, large] : ALL;
}

const names = [...ALL, large].map(({ name }) => name);
if (asked.only !== undefined && !names.includes(asked.only))
  refuse([`only: there is no proof '${asked.only}'; there are ${names.join(', ')}`]);
const desk = new Desk();
desk.startCluster(asked.large || asked.only === 'large' ? 8 : 4);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    desk.close(asked.keep);
    process.exit(130);
  });
try {
  for (const proof of proofs()) await proof(desk);
} finally {
  desk.close(asked.keep);
}
process.stdout.write(desk.failures === 0 ? 'the fleet is exact\n' : `${desk.failures} checks failed\n`);
process.exitCode = desk.failures === 0 ? 0 : 1;

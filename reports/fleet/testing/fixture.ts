/** Made-up fleets for tests and for looking at the report: no chance and no clock, the same kind gives the same facts. */
import type { FleetFacts, WorkerFacts } from '../../../bench/model/fleet-facts.ts';
import { HOSTILE } from '../../testing/fixture/situations.ts';

/** A worker like all others, but for what is said. */
export function workerOf(index: number, differences: Partial<WorkerFacts> = {}): WorkerFacts {
  // The low bits of a multiplicative hash: as good as chance, and the same every time.
  const spread = ((index * 2_654_435_761) % 1000) / 1000;
  return {
    index,
    host: `node-${String(index).padStart(4, '0')}`,
    cpus: '2 × made up',
    connections: { requested: 20, opened: 20, failed: 0, closedEarly: 0 },
    messages: { scheduled: 2_000, sent: 2_000, delivered: 2_000, lost: 0, reordered: 0, duplicated: 0 },
    response: { count: 2_000, p50: 82 + spread * 4, p99: 190 + spread * 35, max: 300 + spread * 90 },
    sendLag: { count: 2_000, p50: 0.1, p99: 0.6 + spread, max: 3 + spread },
    latenessMs: 0,
    clock: { lowMs: -4 - spread, highMs: 6 + spread, probes: 5 },
    utilizationMean: 0.1,
    loopDelayMaxMs: 5 + spread * 8,
    gcMaxMs: 2,
    interruption: null,
    ...differences,
  };
}

/** A worker on a machine that is behind with everything. */
export function slowWorker(index: number): WorkerFacts {
  return workerOf(index, {
    response: { count: 2_000, p50: 140, p99: 910, max: 1_400 },
    sendLag: { count: 2_000, p50: 20, p99: 610, max: 900 },
    loopDelayMaxMs: 880,
  });
}

/** A fleet of these workers; who is not among them is missing. */
export function fleetOf(
  of: number,
  workers: readonly WorkerFacts[],
  differences: Partial<FleetFacts> = {},
): FleetFacts {
  const there = new Set(workers.map(({ index }) => index));
  const missing = Array.from({ length: of }, (_, index) => index).filter((index) => !there.has(index));
  const share = {
    ...{ connections: missing.length * 20, connectionsOfAll: of * 20 },
    ...{ messages: missing.length * 2_000, messagesOfAll: of * 2_000 },
  };
  return {
    ...{ schema: 1, kind: 'fleet', runId: '0123456789abcdef', planHash: 'f'.repeat(64) },
    ...{
      of,
      startAt: '2026-03-02T09:30:05.000Z',
      missing,
      missingShare: missing.length === 0 ? null : share,
    },
    ...{ clockSpreadMs: 11.7, rejected: [], workers, engine: { name: 'slurm', job: '4711' } },
    ...differences,
  };
}

export const FLEET_KINDS = ['whole', 'wounded', 'thousand', 'lone', 'hostile'] as const;
export type FleetKind = (typeof FLEET_KINDS)[number];

/** All alike · one slow, one late, one cut, two missing · a thousand of which twelve are odd · one worker · names that are markup. */
export function fleetFixture(kind: FleetKind): FleetFacts {
  const alike = (of: number) => Array.from({ length: of }, (_, index) => workerOf(index));
  switch (kind) {
    case 'whole':
      return fleetOf(8, alike(8));
    case 'wounded': {
      const workers = alike(8).filter(({ index }) => index !== 3 && index !== 4);
      workers[1] = slowWorker(1);
      workers[2] = workerOf(2, { latenessMs: 2_986 });
      workers[5] = workerOf(7, { interruption: 'it was interrupted', clock: null });
      const rejected = [
        {
          name: 'worker-00002-other-41.json.gz',
          verdict: 'conflict',
          reason: 'worker-00002.json.gz was merged',
        },
      ] as const;
      return fleetOf(8, workers, { clockSpreadMs: null, rejected });
    }
    case 'thousand': {
      const workers = alike(1000).map((worker) =>
        worker.index % 83 === 40 ? slowWorker(worker.index) : worker,
      );
      return fleetOf(
        1000,
        workers.filter(({ index }) => index % 97 !== 5 && (index < 300 || index > 320)),
      );
    }
    case 'lone':
      return fleetOf(1, alike(1), { clockSpreadMs: 0 });
    case 'hostile': {
      const named = alike(4).map((worker) => ({
        ...worker,
        host: HOSTILE,
        interruption: HOSTILE,
        latenessMs: 900,
      }));
      const rejected = [{ name: HOSTILE, verdict: 'foreign', reason: HOSTILE }] as const;
      return fleetOf(5, [...named.slice(0, 3), { ...slowWorker(3), host: HOSTILE }], {
        rejected,
        engine: { name: HOSTILE, job: HOSTILE },
      });
    }
  }
}

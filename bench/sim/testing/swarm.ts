/**
 * One seed of the swarm: draws its case, runs it, and holds everything that counts against everything else that counts.
 * What must hold always, and what must hold where the case leaves no room for doubt, is each a check below; a check says
 * what differs, or nothing. Two laws are asserted within the run itself, on every run: that attempts and arrivals are
 * conserved. That it ends at all, within bounded virtual time, is the clock's to say.
 */

import { VIOLATION_LIMIT } from '../../drive/share-driver.ts';
import { summarise } from '../../judge/summary.ts';
import { seededRandom } from '../../measure/random.ts';
import type { RunRecord } from '../../measure/record.ts';
import { sum } from '../../measure/rollup.ts';
import { emptyTally, type Tally } from '../../measure/tally.ts';
import { addCounts } from '../../model/counts.ts';
import type { FaultSite } from '../../model/fault.ts';
import { asSimulated, simulate } from '../simulate.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { World } from '../world.ts';
import { type SwarmCase, swarmCase } from './swarm-plan.ts';
import { type StreamTruth, Truth, totalOf } from './truth.ts';

/** No case of the swarm has more to do than this: retries back off for seconds, and drains last twenty. */
const LONGEST_MS = 10 * 60_000;

export interface SwarmRun {
  /** What differs; empty when all is well. */
  readonly differences: readonly string[];
  /** The result and its witnesses as text, to be compared byte for byte. */
  readonly text: string;
  readonly messages: number;
}

/** What the checks look at. */
interface Outcome {
  readonly swarm: SwarmCase;
  readonly record: RunRecord;
  readonly world: World;
  readonly truth: Truth;
  readonly streams: ReadonlyMap<string, StreamTruth>;
  readonly total: StreamTruth;
}

type Check = (outcome: Outcome) => readonly string[];

/** Lies told to the checks by their tests: another witness than the true one, and something done to the world. */
export interface Sabotage {
  readonly newTruth?: (now: () => number) => Truth;
  readonly opened?: (world: World) => void;
}

/** Runs a seed and checks it. Rejects with what stopped the run. */
export function runSeed(seed: number, templateText: string): Promise<SwarmRun> {
  return runCase(swarmCase(seed), templateText);
}

/** Runs a case and checks it. */
export async function runCase(
  swarm: SwarmCase,
  templateText: string,
  sabotage: Sabotage = {},
): Promise<SwarmRun> {
  let now = () => 0;
  const newTruth = sabotage.newTruth ?? ((clockNow) => new Truth(clockNow));
  const truth = newTruth(() => now());
  const { record, world } = await simulate({
    plan: swarm.plan,
    templateText,
    templatePath: 'stack/template.yaml',
    functions: swarm.functions,
    log: () => {},
    tap: truth,
    version: 'swarm',
    commit: null,
    interrupted: new AbortController().signal,
    limits: { untilMs: LONGEST_MS },
    opened: (opened, clock) => {
      now = () => clock.now();
      sabotage.opened?.(opened);
      arrangeDeaths(swarm, opened, clock);
    },
  });
  const streams = truth.byStream();
  const total = totalOf(streams.values());
  const outcome = { swarm, record, world, truth, streams, total };
  const result = asSimulated(summarise(record, []));
  return {
    differences: CHECKS.flatMap((check) => check(outcome)),
    text: JSON.stringify([result, record.rollup.violations]),
    messages: total.sent,
  };
}

/** Which connection breaks is drawn when it does: any that is still there. */
function arrangeDeaths({ plan, deathsMs }: SwarmCase, { dialer }: World, clock: VirtualClock): void {
  const random = seededRandom(plan.seed).fork('deaths');
  for (const deathMs of deathsMs) {
    clock.at(clock.now() + deathMs, () => {
      // Not the probe's: without it there is no run.
      const open = dialer.links.slice(1).filter((link) => link.isOpen());
      open[Math.floor(random.next() * open.length)]?.kill();
    });
  }
}

function differing(what: string, actual: unknown, expected: unknown): readonly string[] {
  return actual === expected ? [] : [`${what}: ${actual} instead of ${expected}`];
}

/** The ledger against the truth, over all streams. */
const totals: Check = ({ record, total }) => {
  const { warmup, measured, unexpected } = record.rollup;
  const counted: Tally = emptyTally();
  addCounts(counted, warmup);
  addCounts(counted, measured);
  const kinds = ['sent', 'delivered', 'reordered', 'duplicated', 'lost', 'indeterminate'] as const;
  return [
    ...kinds.flatMap((kind) => differing(`ledger's ${kind}`, counted[kind], total[kind])),
    ...differing("ledger's unexpected", sum(unexpected.warmup) + sum(unexpected.measured), total.unexpected),
  ];
};

/** The ledger against the truth, stream by stream, by its witnesses. Those of warm-up have none. */
const witnesses: Check = ({ swarm, record, streams }) => {
  const { violations } = record.rollup;
  if (swarm.plan.warmupMs > 0 || violations.length >= VIOLATION_LIMIT / swarm.plan.threads) return [];
  return [...streams].flatMap(([name, truth]) => {
    const own = violations.filter(({ stream }) => stream === Number.parseInt(name, 16));
    return (['reordered', 'duplicated', 'lost', 'unexpected'] as const).flatMap((kind) =>
      differing(
        `stream ${name}: witnesses of ${kind}`,
        own.filter((one) => one.kind === kind).length,
        truth[kind],
      ),
    );
  });
};

/** Whether everything that goes wrong in the case is done by faults at these places. */
function onlyFaultsAt(sites: readonly FaultSite[], { plan, deathsMs }: SwarmCase): boolean {
  const faults = plan.faults?.faults ?? [];
  return (
    deathsMs.length === 0 && plan.churnPerSecond === 0 && faults.every(({ where }) => sites.includes(where))
  );
}

/** Faults of messages are counted exactly where a connection's messages enter the stream one after the other. */
const injected: Check = (outcome) => {
  const { swarm, world, streams } = outcome;
  const { plan } = swarm;
  const { faults } = world.simulated;
  const hasWindow = plan.parameters.MaximumBatchingWindowInSeconds !== '0';
  if (faults === null || plan.dispatch !== 'serial' || plan.warmupMs > 0 || hasWindow) return [];
  if (!onlyFaultsAt(['ingest', 'delivery'], swarm) || overQuota(outcome) > 0) return [];
  return [...streams].flatMap(([name, truth]) => {
    const tally = faults.tallyOfStream(name);
    return (['lost', 'duplicated', 'reordered'] as const).flatMap((kind) =>
      differing(`stream ${name}: ${kind}`, truth[kind], tally[kind]),
    );
  });
};

/** Puts that a shard refused for its quota: no fault, and known to the client by an error frame. */
function overQuota(outcome: Outcome): number {
  return metric(outcome, 'WriteProvisionedThroughputExceeded', 'StreamName');
}

/** Where nothing goes wrong, nothing is wrong but what a quota costs; the profile without quotas costs nothing. */
const innocent: Check = (outcome) => {
  const { swarm, total } = outcome;
  const { plan } = swarm;
  if (plan.dispatch !== 'serial' || !onlyFaultsAt([], swarm)) return [];
  const refused = plan.profile === 'ideal' ? 0 : overQuota(outcome);
  return [
    ...(['reordered', 'duplicated', 'indeterminate'] as const).flatMap((kind) =>
      differing(`${kind} without a fault`, total[kind], 0),
    ),
    ...(['lost', 'unexpected'] as const).flatMap((kind) =>
      differing(`${kind} without a fault`, total[kind], refused),
    ),
  ];
};

/** The sum of a metric of the stage over the whole run and all its dimensions of the given name. */
function metric({ world, record }: Outcome, name: string, dimension: string): number {
  const { metrics } = world.simulated.account;
  const named = metrics
    .list()
    .filter((one) => one.name === name && Object.keys(one.dimensions).join() === dimension);
  const sums = named.map((one) => metrics.sum(one, record.startedAtMs, record.endedAtMs + 1_000));
  return sums.reduce((total, one) => total + one, 0);
}

/** Every message the gateway took is in the stream, or was answered with an error, once nothing is under way. */
const stream: Check = (outcome) => {
  const { swarm, truth, total, record } = outcome;
  const incoming = metric(outcome, 'IncomingRecords', 'StreamName');
  const errors = ['ClientError', 'IntegrationError', 'ExecutionError'].reduce(
    (count, name) => count + metric(outcome, name, 'ApiId'),
    0,
  );
  const refusedToConnect = record.rollup.failures.HTTP_429 ?? 0;
  const expected = truth.acceptedByGateway - errors + refusedToConnect;
  if (total.lost + total.indeterminate > 0 || !onlyFaultsAt(['delivery', 'function', 'callback'], swarm)) {
    const ingestFaults = swarm.plan.faults?.faults.some(
      ({ where }) => where === 'ingest' || where === 'gateway',
    );
    return ingestFaults || incoming <= expected
      ? []
      : [`IncomingRecords: ${incoming}, more than ${expected}`];
  }
  return differing('IncomingRecords', incoming, expected);
};

/** Every record reaches the echo service, and reaches it once where nothing is ever retried. */
const mapping: Check = (outcome) => {
  const { swarm, total } = outcome;
  if (total.lost + total.indeterminate > 0 || !onlyFaultsAt(['delivery'], swarm)) return [];
  const incoming = metric(outcome, 'IncomingRecords', 'StreamName');
  const services = swarm.plan.parameters.AuditService === 'true' ? 2 : 1;
  if (services === 2) return [];
  return [
    ...differing('PolledEventCount', metric(outcome, 'PolledEventCount', 'EventSourceMappingUUID'), incoming),
    ...differing(
      'InvokedEventCount',
      metric(outcome, 'InvokedEventCount', 'EventSourceMappingUUID'),
      incoming,
    ),
    ...differing('Errors', metric(outcome, 'Errors', 'FunctionName'), 0),
  ];
};

const CHECKS: readonly Check[] = [totals, witnesses, injected, innocent, stream, mapping];

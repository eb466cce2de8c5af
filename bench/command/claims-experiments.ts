/** The five experiments: which runs each takes, what it reads off them, and who judges. */

import { judgeAsynchronous, type Pushes, stalledSends } from '../judge/claims/asynchronous.ts';
import { type DecoupledEvidence, judgeDecoupled } from '../judge/claims/decoupled.ts';
import type { Ground } from '../judge/claims/definitions.ts';
import { type Integration, judgeLatency } from '../judge/claims/latency.ts';
import { judgeOrdered } from '../judge/claims/ordered.ts';
import { recoveryOf } from '../judge/claims/recovery.ts';
import type { RunKey } from '../judge/claims/runs.ts';
import { type FaultedRun, judgeDuplicates, judgeLoss, judgeRecovery } from '../judge/claims/tolerant.ts';
import type {
  ClaimId,
  ClaimResult,
  ClaimRun,
  Difference,
  Finding,
  Timeline,
  TimelineMark,
} from '../model/claim.ts';
import { counted } from '../model/counted.ts';
import type { RunResult } from '../model/result.ts';
import type { FinishedRun } from './claims-runs.ts';

/** What the experiments work with. */
export interface Lab {
  readonly ground: Ground;
  /** Whether figures are those of AWS. */
  readonly isAws: boolean;
  /** Whether services can be made to fail: on our own stage, and on a stack that allows it. */
  readonly isInjectable: boolean;
  /** What stands between the gateway's route and the stream, by the template. */
  readonly integration: Integration | null;
  run(key: RunKey): Promise<FinishedRun>;
  /** Percentiles of the seconds in the stretches against those of the others. Null when there are too few. */
  differences(run: FinishedRun, stretches: readonly TimelineMark[]): Promise<readonly Difference[] | null>;
}

/** What an experiment came to, before it is put beside its announcement. */
export type Made = Pick<ClaimResult, 'findings' | 'runs' | 'timelines' | 'settings' | 'problems'>;

/** The experiment on a claim. Rejects as its runs do. */
export const EXPERIMENTS: Readonly<Record<ClaimId, (lab: Lab) => Promise<Made>>> = {
  'low-latency': lowLatency,
  decoupled,
  'fault-tolerant': faultTolerant,
  asynchronous,
  ordered,
};

/** Said where a stack does not let its services be made to fail. */
export const NOT_INJECTABLE =
  'The stack does not let its services fail: deploy it with --parameter FaultInjection=true.';

/** After a fault, what it left behind is worked off: its seconds are the fault's too. */
const AFTERMATH_SECONDS = 3;

async function lowLatency(lab: Lab): Promise<Made> {
  const run = await lab.run('steady');
  const basis = lab.isAws ? 'measured' : 'model';
  return made([run], judgeLatency({ result: run.result, basis, integration: lab.integration }));
}

async function decoupled(lab: Lab): Promise<Made> {
  if (!lab.isInjectable) return impossible(judgeDecoupled(NOTHING_MEASURED));
  const run = await lab.run('audit-fault');
  const stretches = run.spec.marks.map((mark) => ({ ...mark, toSecond: mark.toSecond + AFTERMATH_SECONDS }));
  const differences = await lab.differences(run, stretches);
  const { incoming = null, echo = null, audit = null } = run.counts ?? {};
  const findings = judgeDecoupled({
    differences,
    samples: run.result.messages.delivered,
    validity: run.result.validity.verdict,
    incoming,
    accepted: run.result.traffic?.expectedRecords ?? 0,
    echo,
    audit,
    basis: executed(lab),
  });
  return made([run], findings, [timelineOf('The echo service while the audit service is in trouble', run)]);
}

const NOTHING_MEASURED: DecoupledEvidence = {
  differences: null,
  samples: 0,
  validity: 'unknown',
  incoming: null,
  accepted: 0,
  echo: null,
  audit: null,
  basis: 'measured',
};

async function faultTolerant(lab: Lab): Promise<Made> {
  if (!lab.isInjectable) return impossible([judgeLoss(UNFAULTED, 'measured')]);
  const failing = await lab.run('echo-fault');
  const name =
    lab.ground === 'own' ? 'the reference settings, invocations failing' : 'the echo service failing';
  const findings = [
    judgeLoss(faultedRun(name, failing), executed(lab)),
    judgeRecovery({
      recovery:
        failing.result.faults?.[0]?.recovery ?? recoveryOf(failing.result.intervals, stretchOf(failing)),
      faultMs: stretchOf(failing).untilMs - stretchOf(failing).fromMs,
      basis: lab.isAws ? 'measured' : 'model',
    }),
  ];
  const shown = [timelineOf('Every invocation of the echo service fails', failing)];
  if (lab.ground === 'stack') return made([failing], findings, shown);
  const published = await lab.run('published');
  const reference = await lab.run('reference');
  const theirs = faultedRun('the settings as first published, posts failing', published);
  const ours = faultedRun('the reference settings, posts failing', reference);
  return made(
    [failing, published, reference],
    [...findings, judgeLoss(theirs, 'template'), judgeLoss(ours, 'template'), judgeDuplicates(theirs, ours)],
    [
      ...shown,
      timelineOf('Posts fail, settings as first published', published),
      timelineOf('Posts fail, reference settings', reference),
    ],
  );
}

const UNFAULTED: FaultedRun = {
  name: 'the echo service failing',
  messages: { scheduled: 0, sent: 0, delivered: 0, lost: 0, duplicated: 0, indeterminate: 0, refused: 0 },
  validity: { verdict: 'unknown', checks: [] },
  struck: null,
  sentDuring: 0,
};

const NO_PUSHES: Pushes = {
  accepted: 0,
  arrived: 0,
  medianMs: null,
  slowestMs: null,
  problem: 'No pushes were made.',
};

async function asynchronous(lab: Lab): Promise<Made> {
  const steady = await lab.run('steady');
  const stalled = lab.isInjectable ? await lab.run('echo-fault') : null;
  const findings = judgeAsynchronous({
    basis: executed(lab),
    sends:
      stalled === null
        ? null
        : stalledSends(stalled.result, stretchOf(stalled), faultedRun('', stalled).struck),
    pushes: stalled?.pushes ?? steady.pushes ?? NO_PUSHES,
    agesMs: iteratorAges(steady.result),
  });
  const timelines =
    stalled === null ? [] : [timelineOf('Sends while the echo service stands still', stalled)];
  const { problems, ...rest } = made(stalled === null ? [steady] : [steady, stalled], findings, timelines);
  return { ...rest, problems: stalled === null ? [...problems, NOT_INJECTABLE] : problems };
}

async function ordered(lab: Lab): Promise<Made> {
  if (lab.ground === 'stack') {
    const run = await lab.run('bursts');
    const runs = [{ dispatch: null, result: run.result }];
    return made([run], judgeOrdered({ runs, isLocal: !lab.isAws }));
  }
  const serial = await lab.run('serial');
  const concurrent = await lab.run('concurrent');
  const runs = [serial, concurrent].map(({ spec, result }) => ({ dispatch: spec.plan.dispatch, result }));
  return made([serial, concurrent], judgeOrdered({ runs, isLocal: true }));
}

function executed({ isAws }: Lab): 'template' | 'measured' {
  return isAws ? 'measured' : 'template';
}

function impossible(findings: readonly Finding[]): Made {
  return { findings, runs: [], timelines: [], settings: [], problems: [NOT_INJECTABLE] };
}

function made(
  runs: readonly FinishedRun[],
  findings: readonly Finding[],
  timelines: readonly Timeline[] = [],
): Made {
  return {
    findings,
    runs: runs.map(claimRun),
    timelines,
    settings: runs.flatMap(settingsOf),
    problems: runs.flatMap(({ problems }) => problems),
  };
}

function claimRun({ spec, result, place }: FinishedRun): ClaimRun {
  return {
    name: spec.key,
    purpose: spec.purpose,
    directory: place,
    samples: result.messages.delivered,
    validity: result.validity.verdict,
  };
}

/** What a reader needs to judge the figures: the load of each run, and its faults. */
function settingsOf({ spec }: FinishedRun): (readonly [string, string])[] {
  const { plan, marks } = spec;
  const rate =
    plan.load.kind === 'open'
      ? `${plan.load.ratePerSecond}/s, ${plan.load.arrival}`
      : `${plan.load.inFlight} outstanding on each`;
  const load = `${rate}, ${counted(plan.connections, 'connection')}, ${plan.durationMs / 1000} s after ${plan.warmupMs / 1000} s of warm-up, ${counted(plan.payloadBytes, 'byte')}, ${plan.trace ? 'traced' : 'not traced'}`;
  const faults = marks.map(
    ({ label, fromSecond, toSecond }) => `${label} from ${fromSecond} to ${toSecond} s`,
  );
  return [[spec.key, [load, ...faults].join('; ')]];
}

function timelineOf(title: string, { spec, result }: FinishedRun): Timeline {
  const seconds = result.intervals.map(({ second, sent, delivered, duplicated, p50, p90 }) => ({
    second,
    sent,
    delivered,
    duplicated,
    p50,
    p90,
  }));
  return { title, marks: spec.marks, seconds };
}

/** From the beginning of the first fault to the end of the last. */
function stretchOf({ spec: { marks } }: FinishedRun): { readonly fromMs: number; readonly untilMs: number } {
  return {
    fromMs: 1000 * Math.min(...marks.map(({ fromSecond }) => fromSecond)),
    untilMs: 1000 * Math.max(...marks.map(({ toSecond }) => toSecond)),
  };
}

function faultedRun(name: string, run: FinishedRun): FaultedRun {
  const { fromMs, untilMs } = stretchOf(run);
  const during = run.result.intervals.filter(
    ({ second }) => second * 1000 >= fromMs && second * 1000 < untilMs,
  );
  return {
    name,
    messages: run.result.messages,
    validity: run.result.validity,
    struck: struckBy(run),
    sentDuring: during.reduce((sum, { sent }) => sum + sent, 0),
  };
}

/** By the injector's own count; of a poison, by the invocations that failed. */
function struckBy({ result, counts }: FinishedRun): number | null {
  const tallies = (result.faults ?? []).map(({ tally }) => tally);
  if (tallies.length === 0) return counts?.echo?.errors ?? null;
  return tallies.reduce<number | null>(
    (sum, tally) => (tally === null || sum === null ? null : sum + tally.touched),
    0,
  );
}

/** Of the measured window: cold starts come before it. */
function iteratorAges({ metrics, measuredFrom, plan }: RunResult): readonly number[] | null {
  const series = metrics?.series.find(({ id }) => id === 'iteratorAge');
  if (metrics === null || series === undefined) return null;
  const fromMs = Math.floor(Date.parse(measuredFrom) / metrics.periodMs) * metrics.periodMs;
  const untilMs = Date.parse(measuredFrom) + plan.durationMs;
  return series.values.filter((_, at) => {
    const timestamp = series.timestamps[at]!;
    return timestamp >= fromMs && timestamp < untilMs;
  });
}

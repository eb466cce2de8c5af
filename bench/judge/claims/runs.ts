/**
 * The runs that the experiments are made of, as plans: what is sent, for how long, and what goes wrong on the way. On a stage
 * of our own a fault plan does it; on a stack a poison message does, since nothing else may be touched there.
 */

import type { TimelineMark } from '../../model/claim.ts';
import { type Fault, type FaultPlan, PLAIN_FAULT } from '../../model/fault.ts';
import { type Dispatch, type Plan, STACK_CONNECTS_PER_SECOND } from '../../model/plan.ts';
import { initialPlan } from '../../model/plan-settings.ts';
import type { Ground } from './definitions.ts';

export const RUN_KEYS = [
  'steady',
  'audit-fault',
  'echo-fault',
  'published',
  'reference',
  'serial',
  'concurrent',
  'bursts',
] as const;
export type RunKey = (typeof RUN_KEYS)[number];

/** A message that makes a service fail from a time on, since the start of measurement. */
export interface Poison {
  readonly service: 'echo' | 'audit';
  readonly atMs: number;
  readonly forMs: number;
}

export interface RunSpec {
  readonly key: RunKey;
  readonly purpose: string;
  readonly plan: Plan;
  readonly poison: Poison | null;
  readonly marks: readonly TimelineMark[];
}

export interface RunSettings {
  readonly ground: Ground;
  /** `local`, or the stack. */
  readonly stage: string;
  readonly region: string | null;
  readonly seed: number;
  /** Shorter runs, for trying the command out: most answers will be "not shown". */
  readonly isQuick: boolean;
  /** Judged on the steady run. */
  readonly slos: readonly string[];
  /** Path of the stack with the settings as first published. */
  readonly articleTemplate: string;
}

/** Common to all runs: traced messages of the quick plan's size. */
const BASE: Plan = {
  ...initialPlan(),
  name: 'claims',
  connections: 100,
  load: { kind: 'open', ratePerSecond: 200, arrival: 'constant' },
  warmupMs: 3000,
  drainMs: 5000,
  trace: true,
};

const FAULT: Fault = {
  ...PLAIN_FAULT,
  name: 'fault',
  where: 'function',
  do: 'error',
};

/** The run as it will be made. */
export function runSpec(key: RunKey, settings: RunSettings): RunSpec {
  return SPECS[key](settings);
}

const SPECS: Readonly<Record<RunKey, (settings: RunSettings) => RunSpec>> = {
  steady,
  'audit-fault': auditFault,
  'echo-fault': echoFault,
  published: (settings) =>
    failingPosts('published', settings, 'some posts to clients fail; the settings as first published', {
      template: settings.articleTemplate,
    }),
  reference: (settings) =>
    failingPosts('reference', settings, 'some posts to clients fail; the reference settings', {}),
  serial: (settings) => bursts('serial', settings, 'serial'),
  concurrent: (settings) => bursts('concurrent', settings, 'concurrent'),
  bursts: (settings) => bursts('bursts', settings, 'serial'),
};

interface Draft {
  readonly purpose: string;
  readonly plan?: Partial<Plan>;
  readonly faults?: readonly Partial<Fault>[];
  readonly poison?: Poison;
}

function specOf(key: RunKey, { ground, stage, region, seed }: RunSettings, draft: Draft): RunSpec {
  const faults = (draft.faults ?? []).map((fault): Fault => ({ ...FAULT, ...fault }));
  const plan: FaultPlan | null = faults.length === 0 ? null : { faults };
  return {
    key,
    purpose: draft.purpose,
    plan: {
      ...BASE,
      ...(ground === 'stack' ? { connectRatePerSecond: STACK_CONNECTS_PER_SECOND } : {}),
      ...{ name: key, stage, region, seed },
      ...draft.plan,
      faults: plan,
    },
    poison: draft.poison ?? null,
    marks: [...faults.map(markOf), ...(draft.poison === undefined ? [] : [poisonMark(draft.poison)])],
  };
}

function markOf({ name, atMs, forMs }: Fault): TimelineMark {
  return { label: name, fromSecond: atMs / 1000, toSecond: (atMs + (forMs ?? 0)) / 1000 };
}

function poisonMark({ service, atMs, forMs }: Poison): TimelineMark {
  return {
    label: `the ${service} service is poisoned`,
    fromSecond: atMs / 1000,
    toSecond: (atMs + forMs) / 1000,
  };
}

function steady(settings: RunSettings): RunSpec {
  const { ground, isQuick, slos } = settings;
  const durationMs = isQuick ? 3000 : ground === 'own' ? 20_000 : 60_000;
  const plan = { durationMs, warmupMs: isQuick ? 1000 : 3000, thresholds: slos };
  return specOf('steady', settings, { purpose: 'a steady load, nothing goes wrong', plan });
}

function auditFault(settings: RunSettings): RunSpec {
  const { ground, isQuick } = settings;
  const purpose =
    ground === 'own' ? 'the audit service fails, and later is slow' : 'the audit service is poisoned';
  const durationMs = isQuick ? 10_000 : ground === 'own' ? 38_000 : 60_000;
  const plan = { durationMs, warmupMs: isQuick ? 1000 : 3000 };
  if (ground === 'stack') {
    const [atMs, forMs] = isQuick ? [2000, 2000] : [15_000, 15_000];
    return specOf('audit-fault', settings, { purpose, plan, poison: { service: 'audit', atMs, forMs } });
  }
  const [failsAt, failsFor, slowAt, slowFor] = isQuick ? [2, 2, 6, 2] : [8, 6, 24, 6];
  const audit = { where: 'function', functionId: 'AuditFunction' } as const;
  const faults: Partial<Fault>[] = [
    { ...audit, name: 'the audit service fails', do: 'error', atMs: failsAt * 1000, forMs: failsFor * 1000 },
    {
      ...audit,
      name: 'the audit service is slow',
      do: 'slow',
      atMs: slowAt * 1000,
      forMs: slowFor * 1000,
      delayMs: 2000,
    },
  ];
  return specOf('audit-fault', settings, { purpose, plan, faults });
}

function echoFault(settings: RunSettings): RunSpec {
  const { ground, isQuick } = settings;
  const [before, length, after, drain] = isQuick
    ? [2, 2, 4, 8]
    : ground === 'own'
      ? [8, 12, 16, 15]
      : [15, 30, 45, 60];
  const plan = {
    durationMs: (before + length + after) * 1000,
    drainMs: drain * 1000,
    warmupMs: isQuick ? 1000 : 3000,
  };
  const times = { atMs: before * 1000, forMs: length * 1000 };
  if (ground === 'stack') {
    const purpose = 'the echo service is poisoned';
    return specOf('echo-fault', settings, { purpose, plan, poison: { service: 'echo', ...times } });
  }
  const faults = [
    { ...times, name: 'every invocation of the echo service fails', functionId: 'EchoFunction' },
  ];
  return specOf('echo-fault', settings, {
    purpose: 'every invocation of the echo service fails',
    plan,
    faults,
  });
}

/**
 * The published stack posts one message after the other in one shard, so its load is light: the two must differ in what
 * they do with a failure, not in whether they keep up.
 */
function failingPosts(key: RunKey, settings: RunSettings, purpose: string, own: Partial<Plan>): RunSpec {
  const { isQuick } = settings;
  const [atMs, forMs, durationMs] = isQuick ? [1000, 3000, 5000] : [4000, 10_000, 24_000];
  const fault: Partial<Fault> = {
    name: 'posts to clients fail',
    where: 'callback',
    do: 'error',
    status: 500,
    // The SDK tries a post three times, so one in eight fails for good.
    ratio: 0.5,
    atMs,
    forMs,
  };
  const plan: Partial<Plan> = {
    connections: 40,
    load: { kind: 'open', ratePerSecond: 40, arrival: 'constant' },
    warmupMs: isQuick ? 1000 : 2000,
    durationMs,
    drainMs: 20_000,
    trace: false,
    ...own,
  };
  return specOf(key, settings, { purpose, plan, faults: [fault] });
}

function bursts(key: RunKey, settings: RunSettings, dispatch: Dispatch): RunSpec {
  const { ground, isQuick } = settings;
  const how = { serial: 'one after the other', concurrent: 'side by side' }[dispatch];
  const plan: Partial<Plan> = {
    connections: ground === 'own' ? 12 : 20,
    // An open schedule serves the connections in turn, so it is even on each of them; a closed loop is not.
    load: { kind: 'closed', inFlight: 8 },
    warmupMs: 1000,
    durationMs: isQuick ? 3000 : ground === 'own' ? 10_000 : 60_000,
    dispatch,
  };
  const purpose = ground === 'own' ? `bursts; the gateway takes messages ${how}` : 'bursts';
  return specOf(key, settings, { purpose, plan });
}

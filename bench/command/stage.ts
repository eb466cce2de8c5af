/** Opens the stage that a plan names: a local one, a deployed stack, or any server at a URL. */

import { NothingMeasured } from '../drive/probe-stage.ts';
import { ConfigurationError, OperatingError } from '../model/failure.ts';
import { DISPATCHES, type Plan, PROFILES } from '../model/plan.ts';
import { isStackStage } from '../model/stage-name.ts';
import { systemClock } from '../node/clock.ts';
import type { Stage } from '../ports.ts';

/** Name of the local stage's stack, where a deployed one would have its own. */
export const LOCAL_STACK_NAME = 'local';

/** A server that is up answers its first message within a cold start. */
const URL_ECHO_WITHIN_MS = 10_000;

export interface OpenOptions {
  readonly plan: Plan;
  /** Sent on connect; a stage of this program's own admits the Origin among them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told what the stage says of itself. */
  readonly log: (line: string) => void;
  /** How long a stack's metrics are given before they are first read; null is what experience says. */
  readonly metricsWaitMs: number | null;
  /** Aborted when nobody wants the stage any more. */
  readonly interrupted: AbortSignal;
}

/** A stage, and the text of the template behind it where it is a stack and tells. */
export interface OpenStage extends Stage {
  readonly templateText?: string | null;
}

/** Opens the plan's stage. The caller closes it. Rejects with {@link NothingMeasured} when interrupted. */
export async function openStage(options: OpenOptions): Promise<OpenStage> {
  const { interrupted } = options;
  const given = new NothingMeasured('interrupted before anything was measured');
  const opening = opened(options);
  const stop = new Promise<never>((_, reject) => {
    if (interrupted.aborted) reject(given);
    interrupted.addEventListener('abort', () => reject(given), { once: true });
  });
  stop.catch(() => {});
  try {
    return await Promise.race([opening, stop]);
  } catch (error) {
    // It may come all the same.
    if (error === given) void opening.then((stage) => stage.close()).catch(() => {});
    throw interrupted.aborted ? given : error;
  }
}

async function opened({
  plan,
  headers = {},
  log,
  metricsWaitMs,
  interrupted,
}: OpenOptions): Promise<OpenStage> {
  if (isStackStage(plan)) return openStack(plan, metricsWaitMs);
  if (plan.stage !== 'local') return urlStage(plan.stage);
  const { openLocalStage } = await import('../../stack/local/child.ts');
  const stage = openLocalStage({
    templatePath: plan.template,
    stackName: LOCAL_STACK_NAME,
    parameters: plan.parameters,
    profile: plan.profile,
    dispatch: plan.dispatch,
    seed: plan.seed,
    port: 0,
    faults: plan.faults,
    allowedOrigins: Object.keys(headers).flatMap((name) => (/^origin$/i.test(name) ? [headers[name]!] : [])),
    log,
    interrupted,
  });
  return foreseen(stage);
}

async function openStack({ stage, region }: Plan, metricsWaitMs: number | null): Promise<OpenStage> {
  const { openStackStage } = await import('../../stack/aws/stage-stack.ts');
  const opened = await openStackStage({ name: stage, region, clock: systemClock, metricsWaitMs });
  const { facts, dispatch } = opened;
  const notes = await localNotes(facts.profile, dispatch);
  return { ...opened, facts: { ...facts, notes: [...facts.notes, ...notes] } };
}

/** What a reader must know of a local stage that a stack runs on; nothing on AWS. */
async function localNotes(profile: string | null, dispatch: string | null): Promise<string[]> {
  const name = PROFILES.find((one) => one === profile);
  const way = DISPATCHES.find((one) => one === dispatch);
  if (name === undefined || way === undefined) return [];
  const { profileWith } = await import('../../stack/local/profile.ts');
  const { profileNotes } = await import('../../stack/local/deployment.ts');
  return profileNotes(profileWith({ name, dispatch: way }));
}

/** A stage that does not start for a reason that is no bug, such as a port in use, is an operating error. */
export async function foreseen<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (error instanceof ConfigurationError || !(error instanceof Error)) throw error;
    throw new OperatingError(error.message);
  }
}

/** The stage, with its metrics only where they are wanted. */
export function withMetrics<S extends Stage>(stage: S, isWanted: boolean): S {
  return isWanted ? stage : { ...stage, hasMetrics: false };
}

/** A stage that is driven and not asked anything. */
export function mute(facts: Stage['facts']): Stage {
  return { facts, hasMetrics: false, metrics: () => Promise.resolve(null), close: () => Promise.resolve() };
}

/** Any server that echoes: nothing is known of it but its URL. */
export function urlStage(url: string): Stage {
  const { host } = new URL(url);
  const nothing = { region: null, parameters: {}, profile: null, notes: [] };
  return { ...mute({ kind: 'url', url, name: host, ...nothing }), echoWithinMs: URL_ECHO_WITHIN_MS };
}

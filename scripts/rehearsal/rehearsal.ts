/** Carries out the steps: each lane on local endpoints of its own, each command a process with a deadline. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { awsView } from './aws-view.ts';
import { type Child, Children } from './children.ts';
import { FILES, STAGES, STRANGER } from './stages.ts';
import {
  type AwsView,
  type Interrupt,
  judged,
  type Lane,
  type Places,
  type Row,
  type Seen,
  type Step,
} from './step.ts';

/** A stage is ready after two seconds on an idle machine. */
const STAGE_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Lanes at the same time; those of one go one after the other. */
const SIDE_BY_SIDE: readonly (readonly Lane[])[] = [['slow'], ['silent', 'uncounted']];

export interface Listener {
  began(step: Step, command: string): void;
  ended(row: Row): void;
}

export class Rehearsal {
  readonly #steps: readonly Step[];
  readonly #places: Places;
  readonly #listener: Listener;
  readonly #children = new Children();
  readonly #rows = new Map<Step, Row>();
  #isStopped = false;

  constructor(steps: readonly Step[], places: Places, listener: Listener) {
    this.#steps = steps;
    this.#places = places;
    this.#listener = listener;
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(places.scratch, name), text);
  }

  /** Of the steps so far, in the order of the table. */
  get rows(): readonly Row[] {
    return this.#steps.flatMap((step) => this.#rows.get(step) ?? []);
  }

  /** Carries all out. Rejects where local endpoints can't be started. */
  async run(): Promise<void> {
    try {
      await Promise.all(
        SIDE_BY_SIDE.map(async (lanes) => {
          for (const lane of lanes) await this.#runLane(lane);
        }),
      );
    } finally {
      await this.stop();
    }
  }

  /** Begins nothing more, and ends all that runs. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#children.end();
  }

  async #runLane(lane: Lane): Promise<void> {
    const steps = this.#steps.filter((step) => step.lane === lane);
    if (steps.length === 0 || this.#isStopped) return;
    const stage = this.#children.start(
      ['bench', 'stage', 'local', '--port', '0', ...STAGES[lane].map((flag) => this.#inScratch(flag))],
      { AWS_REGION: 'us-east-1' },
    );
    const endpoint = await this.#endpointOf(stage);
    if (endpoint === null) return;
    for (const step of steps) if (!this.#isStopped) await this.#perform(step, endpoint);
    stage.interrupt();
    await stage.exited;
  }

  #inScratch(flag: string): string {
    return flag.replace('SCRATCH', this.#places.scratch);
  }

  /** Null where the rehearsal was stopped meanwhile. */
  async #endpointOf(stage: Child): Promise<string | null> {
    let hasEnded = false;
    void stage.exited.then(() => {
      hasEnded = true;
    });
    const untilMs = performance.now() + STAGE_WITHIN_MS;
    for (;;) {
      const [found] = /AWS_ENDPOINT_URL=(\S+)/.exec(stage.said())?.slice(1) ?? [];
      if (found !== undefined) return found;
      if (this.#isStopped) return null;
      if (hasEnded || performance.now() > untilMs)
        throw new Error(`the local endpoints can't be started:\n${stage.said()}`);
      await setTimeout(LOOK_EVERY_MS);
    }
  }

  async #perform(step: Step, endpoint: string): Promise<void> {
    const aws = awsView(endpoint);
    await step.before?.(aws, this.#places);
    if (this.#isStopped) return;
    const command = step.command(this.#places);
    const shown = command
      .join(' ')
      .replaceAll(this.#places.out, 'OUT')
      .replaceAll(this.#places.scratch, 'TMP');
    this.#listener.began(step, shown);
    const seen = await this.#seen(step, command, endpoint, aws);
    if (this.#isStopped) return;
    const row = judged(step, shown, seen);
    this.#rows.set(step, row);
    this.#listener.ended(row);
    await step.after?.(aws);
  }

  async #seen(step: Step, command: readonly string[], endpoint: string, aws: AwsView): Promise<Seen> {
    const startMs = performance.now();
    const child = this.#children.start(command, {
      ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
      ...step.environment,
    });
    const done = new AbortController();
    let isLate = false;
    const late = globalThis.setTimeout(() => {
      isLate = true;
      child.kill();
    }, step.deadlineSeconds * 1_000);
    const interrupting =
      step.interrupt === undefined ? true : interrupted(child, step.interrupt, aws, done.signal);
    const code = await child.exited;
    clearTimeout(late);
    done.abort();
    const wasInterrupted = await interrupting;
    const seconds = (performance.now() - startMs) / 1_000;
    const [stacks, strangers] = this.#isStopped
      ? [[], []]
      : await Promise.all([aws.stacks(), aws.stacks(STRANGER)]);
    const file = step.reads === undefined ? null : parsed(path.join(this.#places.out, step.reads));
    return { code, isLate, wasInterrupted, text: child.said(), seconds, stacks, strangers, file };
  }
}

/** Interrupts the command at its moment; false where it ended before. */
async function interrupted(
  child: Child,
  { by, when }: Interrupt,
  aws: AwsView,
  hasEnded: AbortSignal,
): Promise<boolean> {
  while (!hasEnded.aborted) {
    // Endpoints that are gone say nothing.
    if (await Promise.resolve(when(aws, child.said())).catch(() => false)) {
      if (by === 'group') child.kill();
      else child.interrupt();
      return true;
    }
    await setTimeout(LOOK_EVERY_MS);
  }
  return false;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * A sweep on stacks of its own. Each lane has one stack at a time, which serves the runs of one group (judge/sweep/lanes.ts);
 * while one lane drives, others deploy, wait for the next minute, or for CloudWatch. Only one lane drives at a time: two
 * runs on one driver would measure each other. Whatever happens, the stacks are deleted, and it is proved that they are gone.
 */
import { type Account, assertHome, type Identity, identityOf, openAccount } from '../../stack/aws/account.ts';
import { isStanding, type Stood } from '../../stack/aws/cost.ts';
import { stackNameProblem } from '../../stack/aws/obstacles.ts';
import { assertAffordable } from '../../stack/aws/preflight.ts';
import { findStack } from '../../stack/aws/stack-description.ts';
import type { StackShape } from '../../stack/aws/stack-shape.ts';
import { StageError } from '../../stack/aws/stage-error.ts';
import type { Template } from '../../stack/aws/template.ts';
import { groupOf, nextSlot } from '../judge/sweep/lanes.ts';
import type { Slot } from '../judge/sweep/order.ts';
import { ConfigurationError } from '../model/failure.ts';
import { pricesText } from '../model/prices-text.ts';
import { systemClock } from '../node/clock.ts';
import { note } from '../node/terminal.ts';
import { type Budget, budgetOf } from './sweep-budget.ts';
import type { SweepContext } from './sweep-context.ts';
import { sweepTemplate } from './sweep-parameters.ts';
import { reasonOf, sweepRun } from './sweep-run.ts';
import { deployStack, removeStack } from './sweep-stack.ts';

const MINUTE_MS = 60_000;

/** Makes the pending runs. Rejects with a StageError when it may not begin, or a stack is left. */
export async function sweepOnAws(context: SweepContext, pending: readonly Slot[]): Promise<void> {
  const { state } = context;
  const template = sweepTemplate(state.result.plan.template);
  assertNames(context, template);
  const { home, plan, stacks } = state.result;
  // One that goes on goes on where it was, wherever the environment is now.
  const account = await openAccount(plan.region ?? home?.region ?? null);
  const identity = await identityOf(account);
  if (home !== undefined) assertHome(whereItIs(stacks), home, identity);
  else await assertFound(stacks, account, identity);
  const budget = budgetOf(template, account.region, context.options.pricesPath);
  const fleet = new Fleet({ context, account, template, budget, pending: [...pending] });
  await fleet.assertFree();
  const where = account.isLocal
    ? `local stage at ${account.endpoint}`
    : `account ${identity.account}, ${account.region}`;
  state.at({ account: identity.account, region: identity.region });
  context.say(`${where}: ${estimate(context, pending, budget, account.isLocal)}`);
  await fleet.drive();
}

/** Throws where a stack could not have the name that the sweep would give it. */
function assertNames({ state, options }: SweepContext, template: Template): void {
  // The last lane's name is the longest.
  const name = `${state.result.stackPrefix}-${options.parallel}`;
  const problems = state.result.cells.map(({ plan }) => stackNameProblem(name, template, plan.parameters));
  const found = problems.filter((problem) => problem !== null);
  if (found.length > 0) throw new ConfigurationError([...new Set(found)]);
}

/** A sweep.json that does not say where its stacks are was saved by an earlier version: that one is not found here proves nothing. */
async function assertFound(stacks: readonly string[], account: Account, identity: Identity): Promise<void> {
  for (const stack of stacks) {
    if ((await findStack(account, stack)) !== null) continue;
    throw new StageError(
      `sweep.json has a stack ${stack} and does not say where it is; there is none in region ${identity.region} of account ${identity.account}: look in others with 'npm run status -- --name ${stack} --region …', or, where it is known to be gone, take it out of "stacks" in sweep.json`,
    );
  }
}

function whereItIs(stacks: readonly string[]): string {
  if (stacks.length === 0) return 'this sweep was begun';
  return `this sweep was begun, and has ${stacks.length === 1 ? 'its stack' : 'its stacks'} ${stacks.join(', ')},`;
}

/** Says what the runs that are left will cost. Throws a StageError when that, with what was spent, is too much. */
function estimate(
  { state, options }: SweepContext,
  pending: readonly Slot[],
  budget: Budget,
  isLocal: boolean,
): string {
  const { cells } = state.result;
  const { prices } = budget;
  const spentUsd = (state.result.cost?.spentUsd ?? 0) + leftBehindUsd(state, budget);
  const usd = spentUsd + budget.pendingUsd(cells, pending, options.parallel);
  assertAffordable({ usd, prices }, options.maxCostUsd, 'the sweep would cost about');
  const named = { pricesAsOf: prices.asOf, pricesRegion: prices.region };
  if (isLocal) state.save();
  else state.estimated(usd, named);
  const begun = 'its stacks by the hours that they begin';
  const note = prices.note === null ? '' : `; ${prices.note}`;
  return `${isLocal ? 'on AWS this would cost about' : 'estimated cost'} $${usd.toFixed(2)}, ${begun}, ${pricesText(named)}${note}`;
}

/** What stacks that a killed sweep left have cost since it was saved last, if they are of the dearest settings. */
function leftBehindUsd(
  { result: { stacks, cells, endedAt } }: SweepContext['state'],
  budget: Budget,
): number {
  const ms = systemClock.epochAt(systemClock.now()) - Date.parse(endedAt);
  const dearest = cells.map(({ plan }) => budget.lifeUsd([{ shape: budget.shapeOf(plan), ms }]));
  return stacks.length * Math.max(0, ...dearest);
}

interface FleetOptions {
  readonly context: SweepContext;
  readonly account: Account;
  readonly template: Template;
  readonly budget: Budget;
  readonly pending: Slot[];
}

interface Lane {
  readonly stack: string;
  /** What its stack was made for; null without one. */
  group: string | null;
  /** UTC milliseconds before which no run may begin on it: two runs must not share a minute of CloudWatch's. */
  notBeforeMs: number;
  /** What its stack was from its creation, and what of that is counted as spent. */
  life: Life;
}

interface Life {
  readonly stood: Stood[];
  countedUsd: number;
  /** Monotonic milliseconds up to which it is in `stood`. */
  untilMs: number;
}

const newLife = (): Life => ({ stood: [], countedUsd: 0, untilMs: systemClock.now() });

class Fleet {
  readonly #options: FleetOptions;
  readonly #lanes: readonly Lane[];
  /** Settles when the driver is free. */
  #driver: Promise<void> = Promise.resolve();

  constructor(options: FleetOptions) {
    this.#options = options;
    const { state, options: given } = options.context;
    this.#lanes = Array.from({ length: given.parallel }, (_, index) => ({
      stack: `${state.result.stackPrefix}-${index + 1}`,
      group: null,
      notBeforeMs: 0,
      life: newLife(),
    }));
  }

  /** Throws a StageError where a name that the sweep would use has a stack that is not the sweep's. */
  async assertFree(): Promise<void> {
    const { account, context } = this.#options;
    const own = new Set(context.state.result.stacks);
    for (const { stack } of this.#lanes) {
      if (own.has(stack) || (await findStack(account, stack)) === null) continue;
      throw new StageError(
        `there is a stack ${stack} already, and the sweep would delete it at its end: take another --name, or delete it with 'npm run teardown -- --name ${stack}'`,
      );
    }
  }

  /** Drives all lanes, and tears down whatever they made. */
  async drive(): Promise<void> {
    const { state } = this.#options.context;
    const leftUsd = leftBehindUsd(state, this.#options.budget);
    // Left by a sweep that was killed: of settings that nobody knows.
    for (const name of state.result.stacks) await this.#remove(name);
    this.#spent(leftUsd);
    const lanes = await Promise.allSettled(this.#lanes.map((lane) => this.#work(lane)));
    const removals = await Promise.allSettled(state.result.stacks.map((name) => this.#remove(name)));
    const failures = [...removals, ...lanes].flatMap((one) =>
      one.status === 'rejected' ? [one.reason as unknown] : [],
    );
    if (failures.length === 0) return;
    for (const failure of failures.slice(1)) note(`error: ${reasonOf(failure)}`);
    throw failures[0];
  }

  async #work(lane: Lane): Promise<void> {
    const { context, pending } = this.#options;
    for (;;) {
      if (context.interrupted.aborted) return;
      const slot = nextSlot({ pending, groupAt: this.#groupAt, own: lane.group, taken: this.#taken(lane) });
      if (slot === null) return;
      pending.splice(pending.indexOf(slot), 1);
      const group = this.#groupAt(slot.cell);
      // Before anything is awaited, so that no other lane takes the group.
      const before = lane.group;
      lane.group = group;
      await this.#serve(lane, slot, before);
    }
  }

  readonly #groupAt = (cell: number): string => groupOf(this.#options.context.state.result.cells[cell]!);

  #taken(lane: Lane): Set<string> {
    const others = this.#lanes.filter((other) => other !== lane);
    return new Set(others.flatMap(({ group }) => (group === null ? [] : [group])));
  }

  /** Deploys and runs; a stack that could not be deployed is removed, so that the next run begins with a sound one. */
  async #serve(lane: Lane, slot: Slot, before: string | null): Promise<void> {
    const { context } = this.#options;
    if (lane.life.stood.length === 0) lane.life = newLife();
    const fromMs = systemClock.now();
    const startedAt = new Date().toISOString();
    try {
      await this.#deploy(lane, slot, before);
    } catch (error) {
      this.#stood(lane, this.#shapeAt(slot));
      if (context.interrupted.aborted) return;
      await this.#remove(lane.stack);
      const tookMs = Math.round(systemClock.now() - fromMs);
      context.finished(
        slot,
        { repeat: slot.repeat, startedAt, tookMs, status: 'failed', error: reasonOf(error) },
        null,
      );
      return;
    }
    try {
      this.#spent(await this.#run(lane, slot, fromMs));
    } finally {
      this.#stood(lane, this.#shapeAt(slot));
    }
  }

  #shapeAt({ cell }: Slot): StackShape {
    const { context, budget } = this.#options;
    return budget.shapeOf(context.state.result.cells[cell]!.plan);
  }

  /** Counts the hours that the lane's stack has begun since it was asked last, when it was what is given. */
  #stood({ life }: Lane, shape: StackShape): void {
    const nowMs = systemClock.now();
    life.stood.push({ shape, ms: nowMs - life.untilMs });
    life.untilMs = nowMs;
    const usd = this.#options.budget.lifeUsd(life.stood);
    this.#spent(usd - life.countedUsd);
    life.countedUsd = usd;
  }

  #spent(usd: number): void {
    const { context, account } = this.#options;
    if (!account.isLocal) context.state.spent(usd);
  }

  async #deploy(lane: Lane, slot: Slot, before: string | null): Promise<void> {
    const { context, account, template } = this.#options;
    const { state, interrupted } = context;
    if (before !== null && before !== lane.group) await this.#remove(lane.stack);
    state.stackMade(lane.stack);
    const { parameters } = state.result.cells[slot.cell]!.plan;
    const signal = AbortSignal.any([interrupted]);
    const id = state.result.stackIds?.[lane.stack] ?? null;
    const known = (stackId: string) => state.stackKnown(lane.stack, stackId);
    await deployStack({ account, name: lane.stack, id, known, template, parameters, signal });
  }

  /** Answers what the run cost, without what its stack costs for standing there. */
  async #run(lane: Lane, slot: Slot, fromMs: number): Promise<number> {
    const { context, account } = this.#options;
    const { state, options } = context;
    const cell = state.result.cells[slot.cell]!;
    if (!account.isLocal) await this.#until(lane.notBeforeMs);
    const driver = await this.#takeDriver();
    try {
      const outcome = await sweepRun({
        ...context.runOptions(slot),
        plan: { ...cell.plan, stage: lane.stack, region: account.region },
        isWithMetrics: options.isWithMetrics,
        driven: driver.free,
      });
      if (outcome === null) return 0;
      const tookMs = Math.round(systemClock.now() - fromMs);
      context.finished(slot, { ...outcome.run, tookMs }, outcome.result);
      const items = outcome.result?.cost?.items ?? [];
      return items.reduce((sum, item) => sum + (isStanding(item) ? 0 : item.cost), 0);
    } finally {
      driver.free();
      const nowMs = systemClock.epochAt(systemClock.now());
      lane.notBeforeMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
    }
  }

  /** Waits until an instant, or until interrupted. */
  #until(epochMs: number): Promise<void> {
    const { interrupted } = this.#options.context;
    const leftMs = epochMs - systemClock.epochAt(systemClock.now());
    if (leftMs <= 0 || interrupted.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        interrupted.removeEventListener('abort', done);
        resolve();
      };
      const timer = systemClock.at(systemClock.now() + leftMs, done);
      interrupted.addEventListener('abort', done, { once: true });
    });
  }

  async #takeDriver(): Promise<{ free: () => void }> {
    const before = this.#driver;
    let free = () => {};
    this.#driver = new Promise((resolve) => {
      free = resolve;
    });
    await before;
    return { free };
  }

  async #remove(name: string): Promise<void> {
    const { account, context } = this.#options;
    const { startedAt, stackIds = {} } = context.state.result;
    const kept = await removeStack(account, { name, id: stackIds[name] ?? null, madeAfter: startedAt });
    const lane = this.#lanes.find(({ stack }) => stack === name);
    const last = lane?.life.stood.at(-1);
    if (lane !== undefined && last !== undefined) {
      this.#stood(lane, last.shape);
      lane.life = newLife();
    }
    context.state.stackGone(name, kept);
    context.say(`stack ${name} is gone`);
    for (const one of kept)
      note(`warning: ${one} of stack ${name} is still there: its DeletionPolicy keeps it`);
  }
}

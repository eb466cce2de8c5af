/**
 * Reads the partials of a store and merges them, one after the other while the next ones are being read: memory holds a
 * few of them, however many there are. Which run is merged is what the store says it holds; without that, what most of the
 * partials say they are of, so that a stray file can't take their place.
 */

import { FleetMerge, type RunIdentity } from '../measure/fleet/merge.ts';
import { type FleetPartial, isPartialName, type PartialIdentity } from '../measure/fleet/partial.ts';
import { OperatingError } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import { parsePlan } from '../node/plan-file.ts';
import { type RunFile, runIn, startIn } from './fleet-files.ts';
import { planHashOf } from './fleet-plan-file.ts';
import { peekIdentity, readPartial, UnreadablePartial, unzipped } from './partial-file.ts';
import type { Store } from './store.ts';

/** Files that are read, and unpacked, while one is added: enough to hide the time that a bucket takes to answer. */
const AHEAD = 12;

/** A store without anything that can be merged. Its message says what there is. */
export class NothingToMerge extends OperatingError {}

export interface Collected {
  readonly merge: FleetMerge;
  readonly run: RunIdentity;
  /** As the store says; null where nobody wrote it down. */
  readonly file: RunFile | null;
}

/** Unpacked, which other threads do; parsed only in its turn, so that one partial at a time is in the heap. */
type Read = Buffer | UnreadablePartial;

/** Merges what is there. @throws NothingToMerge */
export async function collect(store: Store): Promise<Collected> {
  const names = inOrder((await store.list('worker-')).filter(isPartialName));
  if (names.length === 0)
    throw new NothingToMerge(`there are no partials (worker-NNNNN.json.gz) in ${store.uri}`);
  const file = await runIn(store);
  const run = await identityOf(store, names, file);
  const plans = new PlanCheck();
  const early: { name: string; reason: string }[] = [];
  let merge: FleetMerge | null = null;
  for await (const [name, read] of ahead(names, (next) => readFrom(store, next))) {
    const result = parsedOf(read);
    if (result instanceof UnreadablePartial) {
      early.push({ name, reason: result.message });
      continue;
    }
    const { partial, digest } = result;
    const plan = plans.planOf(partial);
    if (plan === null) {
      early.push({ name, reason: 'its plan is not the one that its hash says' });
      continue;
    }
    if (merge === null && plans.hashOf(partial) === run.planHash) merge = new FleetMerge({ run, plan });
    if (merge === null) early.push({ name, reason: 'its plan is another' });
    else merge.add(name, partial, digest);
  }
  if (merge === null || merge.merged === 0)
    throw new NothingToMerge(
      `none of the ${names.length} partials in ${store.uri} is of run ${run.runId} and whole: ${early[0]?.reason ?? 'they are of others'}`,
    );
  for (const { name, reason } of early) merge.reject({ name, verdict: 'unreadable', reason });
  return { merge, run, file };
}

/** Later attempts after the first ones, so that a first report counts and a second contradicts it. */
function inOrder(names: readonly string[]): string[] {
  const isLater = (name: string) => (/^worker-\d+\.json/.test(name) ? 0 : 1);
  return [...names].sort((left, right) => isLater(left) - isLater(right) || (left < right ? -1 : 1));
}

/** What is read of each name, in their order. */
async function* ahead<T>(
  names: readonly string[],
  read: (name: string) => Promise<T>,
): AsyncGenerator<[string, T]> {
  const reading: (readonly [string, Promise<T>])[] = [];
  for (const name of names) {
    const begun = read(name);
    // A failure is told in its turn; until then nobody waits for it, which Node would take for nobody ever.
    begun.catch(() => {});
    reading.push([name, begun]);
    if (reading.length <= AHEAD) continue;
    const [first, result] = reading.shift()!;
    yield [first, await result];
  }
  for (const [name, result] of reading) yield [name, await result];
}

async function readFrom(store: Store, name: string): Promise<Read> {
  try {
    const bytes = await store.get(name);
    if (bytes === null) return new UnreadablePartial('it has gone');
    return await unzipped(bytes);
  } catch (error) {
    return error instanceof UnreadablePartial ? error : new UnreadablePartial((error as Error).message);
  }
}

function parsedOf(read: Read): ReturnType<typeof readPartial> | UnreadablePartial {
  if (read instanceof UnreadablePartial) return read;
  try {
    return readPartial(read);
  } catch (error) {
    if (error instanceof UnreadablePartial) return error;
    throw error;
  }
}

async function identityOf(
  store: Store,
  names: readonly string[],
  file: RunFile | null,
): Promise<RunIdentity> {
  const startMs = file === null ? null : await startIn(store, file.runId);
  if (file !== null && startMs !== null)
    return { runId: file.runId, planHash: file.planHash, of: file.of, startMs };
  const votes = new Map<string, { identity: RunIdentity; count: number }>();
  for await (const [, peeked] of ahead(names, (name) => peek(store, name))) {
    if (peeked === null || (file !== null && peeked.runId !== file.runId)) continue;
    const { index: _, ...identity } = peeked;
    const key = JSON.stringify(identity);
    const known = votes.get(key) ?? { identity, count: 0 };
    known.count++;
    votes.set(key, known);
  }
  const [first, second] = [...votes.values()].sort((left, right) => right.count - left.count);
  if (first === undefined)
    throw new NothingToMerge(`none of the ${names.length} partials in ${store.uri} can be read`);
  if (second !== undefined && second.count === first.count)
    throw new NothingToMerge(
      `${store.uri} holds as many partials of run ${told(first.identity)} as of ${told(second.identity)}: keep one run in a directory`,
    );
  return first.identity;
}

async function peek(store: Store, name: string): Promise<PartialIdentity | null> {
  return peekIdentity((await store.get(name)) ?? new Uint8Array());
}

type Planned = Pick<FleetPartial, 'identity' | 'plan' | 'headerNames'>;

/** Whether plans are what their hashes say. The partials of a run all have the same, so each is parsed once. */
class PlanCheck {
  readonly #known = new Map<string, { plan: Plan; hash: string } | null>();

  /** The partial's plan; null when its hash is of another. */
  planOf(partial: Planned): Plan | null {
    const checked = this.#checked(partial);
    return checked !== null && checked.hash === partial.identity.planHash ? checked.plan : null;
  }

  hashOf(partial: Planned): string | null {
    return this.#checked(partial)?.hash ?? null;
  }

  #checked({ plan: settings, headerNames }: Planned): { plan: Plan; hash: string } | null {
    const key = JSON.stringify([settings, headerNames]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const checked = parsed(settings, headerNames);
    this.#known.set(key, checked);
    return checked;
  }
}

function parsed(
  settings: FleetPartial['plan'],
  headerNames: readonly string[],
): { plan: Plan; hash: string } | null {
  try {
    const plan = { ...parsePlan(settings, {}, { environment: null }).plan, headerNames };
    return { plan, hash: planHashOf(plan) };
  } catch {
    return null;
  }
}

function told({ runId, planHash, of, startMs }: RunIdentity): string {
  return `${runId} (${of} workers, plan ${planHash.slice(0, 8)}, start ${new Date(startMs).toISOString()})`;
}

/** What is said of a fleet in sentences: who is missing with what, who came late, how far clocks are apart, who stands out. */
import type { FleetFacts, WorkerFacts } from '../../bench/model/fleet-facts.ts';
import { pricesText } from '../../bench/model/prices-text.ts';
import { amountText, counted, countText, dollarText, durationText, instantText, msText } from '../figures.ts';
import { type Comparison, lateWorkers, type Standing } from './standing.ts';

/** Workers that are named in a sentence, or have one of their own; of more of them the rest is counted. */
const MAX_NAMED = 3;

/** Ranges of indices in a sentence. */
const MAX_RANGES = 20;

/** Who reported, and where they ran. */
export function reportedText({ of, missing, engine }: FleetFacts): string {
  const where = engine === undefined ? '' : `, on ${engine.name} as job ${engine.job}`;
  if (missing.length > 0)
    return `${countText(of - missing.length)} of ${counted(of, 'worker')} reported${where}.`;
  return `${of === 1 ? 'The one worker' : `All ${countText(of)} workers`} reported${where}.`;
}

/** What the workers' machines cost; null where that is not known. */
export function costText({ cost }: FleetFacts): string | null {
  if (cost === undefined) return null;
  const items = cost.items.map(({ label, cost: usd }) => `${label} ${dollarText(usd)}`).join(', ');
  return `${dollarText(cost.total)} for ${counted(cost.workers, 'worker')} of ${cost.machine}, ${durationText(cost.lifeMs)} each at the most (${items}; ${pricesText(cost)}). What the stage costs is apart.`;
}

/** The share that is missing; null when nothing is. */
export function missingText({ missing, missingShare }: FleetFacts): string | null {
  if (missing.length === 0) return null;
  const who = `${missing.length === 1 ? 'Worker' : 'Workers'} ${rangesText(missing)}`;
  const share = missingShare === null ? '' : `, with ${shareText(missingShare)}`;
  return `${who}${share}. The figures are those of the others alone: nothing was scaled up for what is missing.`;
}

function shareText(share: NonNullable<FleetFacts['missingShare']>): string {
  const { connections, connectionsOfAll, messages, messagesOfAll } = share;
  const of = (part: number, all: number, noun: string) =>
    `${countText(part)} of ${countText(all)} ${noun} (${amountText(all === 0 ? 0 : (part / all) * 100)} %)`;
  const ofConnections = of(connections, connectionsOfAll, 'connections');
  if (messages === null || messagesOfAll === null)
    return `${ofConnections}; how many messages is not known, for a closed loop schedules none`;
  return `${ofConnections} and ${of(messages, messagesOfAll, 'scheduled messages')}`;
}

/** Ascending indices, neighbours as ranges: 0, 3–7, 12. */
export function rangesText(indices: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const index of indices) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  const texts = ranges
    .slice(0, MAX_RANGES)
    .map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  const unnamed = ranges.slice(MAX_RANGES).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return unnamed === 0 ? texts.join(', ') : `${texts.join(', ')} and ${countText(unnamed)} more`;
}

/** When all started, and who did not. */
export function startText(fleet: FleetFacts): string {
  const agreed = `Agreed for ${instantText(fleet.startAt)}.`;
  const late = lateWorkers(fleet);
  const [last] = late;
  if (last === undefined) return `${agreed} All that reported were ready in time.`;
  const some = late.length === 1 ? 'One worker was' : `${countText(late.length)} workers were`;
  const by = `${last.index} (${last.host}), by ${durationText(last.latenessMs)}`;
  const whose = late.length === 1 ? `worker ${by}` : `the last being worker ${by}`;
  return `${agreed} ${some} late, ${whose}. What was due before was sent at once: its wait is in response time and send lag.`;
}

/** How much "at the same time" is worth. */
export function clocksText({ clockSpreadMs, clocksApartMs = 0, workers }: FleetFacts): string {
  const unknown = workers.filter(({ clock }) => clock === null).length;
  if (clockSpreadMs === null)
    return `How far they are apart is not known${
      unknown === 0 ? '' : `: ${counted(unknown, 'worker')} could not be compared with the store’s clock`
    }. No latency depends on it; which second of the timeline a message is in does.`;
  const least = clocksApartMs > 0 ? `at least ${msText(clocksApartMs)} and at most` : 'at most';
  const text = `${least} ${msText(clockSpreadMs)} apart, by comparing each with the store’s. No latency depends on it${clocksApartMs > 0 ? '; the load that was on the stage at any time does' : ''}.`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** What the workers ran, where that differs; null where it does not. */
export function programsText({ programs = [] }: FleetFacts): string | null {
  return programs.length < 2 ? null : `They ran different ones: ${programs.join('; ')}.`;
}

/** Workers that did not drive all of their share; null when all did. */
export function cutText({ workers }: FleetFacts): string | null {
  const cut = workers.filter(({ interruption }) => interruption !== null);
  if (cut.length === 0) return null;
  const named = cut.slice(0, MAX_NAMED).map((worker) => `worker ${nameOf(worker)}, ${worker.interruption}`);
  return `Not driven to the end: ${listed(named, cut.length)}. What was measured until then is in the figures.`;
}

/** What stands out, and where to look; null when nothing does. */
export function outlierTexts(standings: readonly Standing[]): string[] {
  const odd = standings.filter(({ outlying }) => outlying.length > 0);
  const texts = odd.slice(0, MAX_NAMED).map(outlierText);
  const unnamed = odd.length - texts.length;
  return unnamed === 0 ? texts : [...texts, `And ${countText(unnamed)} more, drawn below.`];
}

function outlierText({ worker, outlying }: Standing): string {
  const values = outlying.map(({ metric, median }) => {
    const against = median === null || median === 0 ? '' : ` (median ${amountText(median)})`;
    return `${metric.title} ${msText(metric.of(worker))}${against}`;
  });
  return `Worker ${nameOf(worker)}: ${values.join('; ')}. ${adviceOn(outlying)}`;
}

function adviceOn(outlying: readonly Comparison[]): string {
  const is = (cause: string) => outlying.some(({ metric }) => metric.cause === cause);
  // A machine that stalls also comes late; one that came late is behind in sending without a stall.
  if (is('start') && !is('machine')) return 'It came late, and what it had to catch up is in its times.';
  return is('machine') || is('driver')
    ? 'Its own machine was behind: look there before you look at the stage.'
    : 'Its machine kept up: look at its way to the stage.';
}

/** What a drawing says to who can't see it. */
export function comparisonText({ metric, median, greatest, outliers }: Comparison): string {
  if (greatest === null) return `${metric.title}: nothing was measured`;
  const odd =
    outliers.length === 0
      ? 'none stands out'
      : `standing out: ${listed(
          outliers.slice(0, MAX_NAMED).map(({ index }) => `worker ${index}`),
          outliers.length,
        )}`;
  return `${metric.title}: median ${msText(median)}, greatest ${msText(metric.of(greatest))} of worker ${greatest.index}; ${odd}`;
}

function nameOf({ index, host }: WorkerFacts): string {
  return `${index} (${host})`;
}

function listed(named: readonly string[], all: number): string {
  const unnamed = all - named.length;
  return unnamed === 0 ? named.join(', ') : `${named.join(', ')} and ${countText(unnamed)} more`;
}

/**
 * The top of a run's report: the verdict and its reasons, and only then the figures. Someone who missed the run reads this
 * and may stop.
 */
import { judgedLatency } from '../../bench/judge/judged-latency.ts';
import type { RunResult } from '../../bench/model/result.ts';
import {
  type Blocks,
  box,
  callout,
  facts,
  list,
  page,
  paragraph,
  type Tile,
  text,
  tiles,
  untitled,
  withUnit,
} from '../document/blocks.ts';
import { type Inline, link, mark, strong } from '../document/inline.ts';
import { ABSENT, amountText, counted, countText, ratioText } from '../figures.ts';
import { connectionText } from './connections.ts';
import {
  attemptCounts,
  deliveryBase,
  ratioOrBound,
  unexpectedTotal,
  type ViolationCount,
  violationCounts,
} from './counts.ts';
import { faultBanner } from './fault-text.ts';
import type { RunReading } from './reading.ts';
import { verdictOf } from './verdict.ts';

/** The verdict and what must be known before any figure is read. */
export function verdict({ result, gaps }: RunReading): Blocks {
  const { status, word, meaning, reasons } = verdictOf(result);
  const said = { status, head: word, name: result.name, text: [meaning] };
  const faults = faultBanner(result);
  return [
    page(() => callout({ ...said, list: [...reasons, ...firstWarnings(result)] })),
    text(() => callout({ ...said, list: reasons })),
    faults !== null && [
      page(() => box('gaps faulty', paragraph([faults, faultLink(result)]))),
      text(() => paragraph(mark('unsure', strong(faults), '!'))),
    ],
    gaps.length > 0 && box('gaps', [paragraph('Not all data of this run could be read:'), list(gaps)]),
  ];
}

function faultLink({ faults = [] }: RunResult): Inline {
  return faults.length > 0 && [' ', link('#faults', 'Which, and when'), '.'];
}

/** What the driver noticed is often why a threshold failed, so the first warnings stand beside it. */
function firstWarnings({ warnings }: RunResult): Inline[] {
  const first = warnings
    .slice(0, MAX_WARNINGS)
    .map(({ text: what }): Inline => [link('#warnings', 'Warning'), `: ${what}`]);
  const more = warnings.length - first.length;
  return more > 0 ? [...first, [link('#warnings', counted(more, 'more warning')), '.']] : first;
}

const MAX_WARNINGS = 3;

/** The figures by which a run is known: tiles on the page, with what is nearly always zero named only when it is not. */
export function headline(reading: RunReading): Blocks {
  const { result } = reading;
  const leftovers = leftoversOf(result);
  return untitled('figures', 'Headline figures', [
    tiles(latencyTiles(result)),
    tiles(countTiles(reading)),
    leftovers.length > 0 && paragraph([strong('Also:'), ` ${leftovers.join(' · ')}.`], 'leftovers'),
    list(result.stage.notes, 'stage-notes'),
  ]);
}

const MEANINGS = {
  p50: '1 in 2 took longer',
  p90: '1 in 10 took longer',
  p95: '1 in 20 took longer',
  p99: '1 in 100 took longer',
  p999: '1 in 1,000 took longer',
  max: 'the slowest of all delivered',
} as const;

const USUAL: readonly string[] = ['p50', 'p95', 'p99', 'max'];

/** The usual ones and those that a threshold names; where it does, a usual one that can't be stated gives way. */
function latencyTiles({ latency, thresholds }: RunResult): Tile[] {
  const named = thresholds
    .map(({ expression }) => judgedLatency([expression]))
    .flatMap(({ expression, series, statistic }) =>
      expression !== null && series === 'response' ? [statistic] : [],
    );
  return (Object.keys(MEANINGS) as (keyof typeof MEANINGS)[])
    .filter(
      (name) =>
        named.includes(name) ||
        (USUAL.includes(name) && (named.length === 0 || latency.response[name] !== null)),
    )
    .map((name) => ({
      name: `Response ${name === 'p999' ? 'p99.9' : name}`,
      value: withUnit(amountText(latency.response[name]), 'ms'),
      meaning: latency.response[name] === null ? 'too few samples to state' : MEANINGS[name],
    }));
}

function countTiles(reading: RunReading): Tile[] {
  const { delivered } = reading.result.messages;
  const { of, ofWhat } = deliveryBase(reading);
  const meaning =
    of === 0 ? 'nothing was scheduled' : `${ratioText(delivered / of)} of ${countText(of)} ${ofWhat}`;
  const violations = violationCounts(reading.result).filter(({ name }) => name !== 'Unexpected');
  return [{ name: 'Delivered', value: countText(delivered), meaning }, ...violations.map(violationTile)];
}

function violationTile({ name, count, of, ofWhat }: ViolationCount): Tile {
  const ratio = count > 0 && of > 0 ? `${ratioText(count / of)} ` : '';
  const bound = count > 0 || of < 3 ? '' : `; fewer than 3 in ${countText(of)} at 95 % confidence`;
  return {
    name,
    value: of === 0 ? ABSENT : countText(count),
    meaning: `${ratio}of ${countText(of)} ${ofWhat}${bound}`,
    isSeen: count > 0,
  };
}

function leftoversOf({ messages, connections }: RunResult): string[] {
  const parts = [
    [messages.refused, 'message', 'refused before sending'],
    [messages.indeterminate, 'message', 'indeterminate (connection died)'],
    [unexpectedTotal(messages.unexpected), 'arrival', 'unexpected'],
    [connections.failed, 'connection', 'not opened'],
    [connections.closedEarly, 'connection', 'closed early'],
  ] as const;
  return parts.filter(([count]) => count > 0).map(([count, noun, what]) => `${counted(count, noun)} ${what}`);
}

/** The counts of a run in lines, for formats without tiles and charts. */
export function countFacts(reading: RunReading): Blocks {
  const { messages, throughput, connections } = reading.result;
  const { of, ofWhat } = deliveryBase(reading);
  const outcomes = attemptCounts(reading.result).map(({ name, count }) => `${countText(count)} ${name}`);
  const rates = [
    `${amountText(throughput.offeredPerSecond)} offered`,
    `${amountText(throughput.sentPerSecond)} sent`,
    `${amountText(throughput.deliveredPerSecond)} delivered`,
  ];
  return facts([
    ['messages', `${countText(messages.scheduled)} scheduled = ${outcomes.join(' + ')}`],
    of > 0 && [
      'delivered',
      `${countText(messages.delivered)} of ${countText(of)} ${ofWhat}: ${ratioText(messages.delivered / of)}`,
    ],
    ...violationCounts(reading.result).map(
      (violation) =>
        [
          violation.name.toLowerCase(),
          `${countText(violation.count)} of ${countText(violation.of)} ${violation.ofWhat}: ${ratioOrBound(violation)}`,
        ] as const,
    ),
    ['per second', rates.join(', ')],
    ['connections', connectionText(connections)],
  ]);
}

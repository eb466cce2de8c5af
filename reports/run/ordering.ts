/**
 * Order and loss: first what became of order, uniqueness and delivery in sentences, then every class of violation with
 * its ratio and its bound, how bad the reorders were, on which streams they were, and the first ones drawn.
 */
import type { OrderingDetail, RunResult } from '../../bench/model/result.ts';
import {
  type Blocks,
  count,
  figureOf,
  heading,
  list,
  note,
  paragraph,
  section,
  table,
  word,
} from '../document/blocks.ts';
import { code, coloured } from '../document/inline.ts';
import { ABSENT, counted, countText, durationText, ratioText } from '../figures.ts';
import { attemptCounts, ratioOrBound, violationCounts } from './counts.ts';
import { KIND_MEANINGS, orderedRates, orderingSentences } from './ordering-text.ts';
import type { RunReading } from './reading.ts';
import { reordering } from './reordering.ts';
import { witnesses } from './witnesses.ts';

/** The section on ordering. */
export function ordering(reading: RunReading): Blocks {
  const { result } = reading;
  const { detail } = result.ordering;
  return section(
    'ordering',
    'Order, duplication and loss',
    [
      list(
        orderingSentences(result).map(({ isViolated, text }) =>
          isViolated ? coloured('bad', `✗ ${text}`) : `✓ ${text}`,
        ),
        'findings',
      ),
      detail === undefined ? classes(result) : rates(detail),
      attempts(result),
      reordering(result),
      detail !== undefined && streams(detail, result.plan.trace),
      witnesses(reading),
    ],
    'Order and loss',
  );
}

/** Of results without detail: the same counts without upper bounds. */
function classes(result: RunResult): Blocks {
  return table('Violations, each with what it was measured against', violationCounts(result), [
    word('class', ({ name }) => name.toLowerCase()),
    word('ratio, or what zero proves', ratioOrBound),
    count('count', (violation) => violation.count),
    figureOf('of', ({ of, ofWhat }) => `${countText(of)} ${ofWhat}`),
  ]);
}

function rates({ rates: byKind, waitingMs }: OrderingDetail): Blocks {
  const caption = 'Violations by kind; “at most” is the 95 % upper bound of the ratio (Clopper and Pearson)';
  return [
    table(caption, orderedRates(byKind), [
      word('kind', ([kind]) => kind),
      word('meaning', ([kind]) => KIND_MEANINGS[kind] ?? ''),
      count('count', ([, rate]) => rate.count),
      count('of', ([, { of }]) => of),
      figureOf('ratio', ([, rate]) => (rate.of === 0 ? ABSENT : ratioText(rate.count / rate.of))),
      figureOf('at most', ([, { upper95 }]) => (upper95 === null ? ABSENT : ratioText(upper95))),
    ]),
    note(
      `A message counts as lost when no answer came for at least ${durationText(waitingMs)} after its send: the loss threshold that RFC 7680 (section 2.8.2) asks to be stated. A duplicate is not counted as reordered too.`,
    ),
  ];
}

function attempts(result: RunResult): Blocks {
  const { scheduled, unexpected } = result.messages;
  const kinds = Object.entries(unexpected).filter(([, arrivals]) => arrivals > 0);
  const outcomes = [...attemptCounts(result), { name: 'scheduled', count: scheduled }];
  return [
    table('What became of every scheduled message', outcomes, [
      word('outcome', ({ name }) => name),
      count('messages', (outcome) => outcome.count),
      figureOf('share', (outcome) =>
        scheduled === 0 || outcome.name === 'scheduled' ? '' : ratioText(outcome.count / scheduled),
      ),
    ]),
    kinds.length > 0 &&
      table('Unexpected arrivals by kind', kinds, [
        word('kind', ([kind]) => code(kind)),
        count('arrivals', ([, arrivals]) => arrivals),
      ]),
  ];
}

/** On which streams and shards the violations were: few streams hurt badly is not many hurt a little. */
function streams(
  { streams: { affected, of, worst, unranked = 0 }, shards }: OrderingDetail,
  isTraced: boolean,
): Blocks {
  if (affected === 0) return null;
  const left =
    unranked > 0 ? ` ${countText(unranked)} of these were too many to keep apart and are not ranked.` : '';
  const which = worst.length < affected ? `The ${worst.length} worst` : 'All of them, the worst first';
  return [
    heading('Streams'),
    paragraph(`${countText(affected)} of ${counted(of, 'stream')} had at least one violation.${left}`),
    worst.length > 0 &&
      table(`${which}; in messages`, worst, [
        word('stream', ({ stream }) => stream),
        count('delivered', ({ delivered }) => delivered),
        count('reordered', ({ reordered }) => reordered),
        count('duplicated', ({ duplicated }) => duplicated),
        count('lost', ({ lost }) => lost),
        count('unexpected', ({ unexpected }) => unexpected),
      ]),
    shards.length > 0
      ? table('By shard, traced messages; a lost one has no shard', shards, [
          word('shard', ({ shard }) => code(shard)),
          count('delivered', ({ delivered }) => delivered),
          count('reordered', ({ reordered }) => reordered),
          count('duplicated', ({ duplicated }) => duplicated),
        ])
      : !isTraced && note('Shards are known only of traced messages.'),
  ];
}

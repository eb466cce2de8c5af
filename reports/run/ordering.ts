/**
 * Order and loss: first what became of order, uniqueness and delivery in sentences, then every class of violation with
 * its ratio and its bound, how bad the reorders were, on which streams they were, and the first ones drawn.
 */
import type { OrderingDetail, RunResult } from '../../bench/model/result.ts';
import { ABSENT, countText, durationText, ratioText } from '../figures.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { table } from '../html/table.ts';
import { attemptCounts, ratioOrBound, violationCounts } from './counts.ts';
import { KIND_MEANINGS, orderedRates, orderingSentences } from './ordering-text.ts';
import type { RunReading } from './reading.ts';
import { reordering } from './reordering.ts';
import { streams } from './streams.ts';
import { witnesses } from './witnesses.ts';

/** The section on ordering. */
export function ordering(reading: RunReading): Html {
  const { result } = reading;
  const { detail } = result.ordering;
  return html`<section aria-labelledby="ordering">
<h2 id="ordering">Order, duplication and loss</h2>
${verdict(result)}
${detail === undefined ? classes(result) : rates(detail)}
${attempts(result)}
${reordering(result)}
${detail === undefined ? NOTHING : streams(detail, result.plan.trace)}
${witnesses(reading)}
</section>
`;
}

function verdict(result: RunResult): Html {
  const lines = orderingSentences(result).map(({ isViolated, text }) =>
    isViolated ? html`<li class="seen">✗ ${text}</li>` : html`<li>✓ ${text}</li>`,
  );
  return html`<ul class="findings">${lines}</ul>`;
}

/** Of results without detail: the same counts without upper bounds. */
function classes(result: RunResult): Html {
  return table({
    caption: 'Violations, each with what it was measured against',
    head: ['class', 'ratio, or what zero proves', 'count', 'of'],
    wordColumns: 2,
    rows: violationCounts(result).map((violation) => [
      violation.name.toLowerCase(),
      ratioOrBound(violation),
      countText(violation.count),
      `${countText(violation.of)} ${violation.ofWhat}`,
    ]),
  });
}

function rates({ rates: byKind, waitingMs }: OrderingDetail): Html {
  return html`${table({
    caption: 'Violations by kind; “at most” is the 95 % upper bound of the ratio (Clopper and Pearson)',
    head: ['kind', 'meaning', 'count', 'of', 'ratio', 'at most'],
    wordColumns: 2,
    rows: orderedRates(byKind).map(([kind, { count, of, upper95 }]) => [
      kind,
      KIND_MEANINGS[kind] ?? '',
      countText(count),
      countText(of),
      of === 0 ? ABSENT : ratioText(count / of),
      upper95 === null ? ABSENT : ratioText(upper95),
    ]),
  })}
<p class="note">A message counts as lost when no answer came for at least ${durationText(waitingMs)} after its send: the loss threshold that RFC 7680 (section 2.8.2) asks to be stated. A duplicate is not counted as reordered too.</p>`;
}

function attempts(result: RunResult): Html {
  const { scheduled, unexpected } = result.messages;
  const kinds = Object.entries(unexpected).filter(([, count]) => count > 0);
  const share = (count: number): string => (scheduled === 0 ? '' : ratioText(count / scheduled));
  return html`${table({
    caption: 'What became of every scheduled message',
    head: ['outcome', 'messages', 'share'],
    rows: [
      ...attemptCounts(result).map(({ name, count }) => [name, countText(count), share(count)]),
      ['scheduled', countText(scheduled), ''],
    ],
  })}${kinds.length === 0 ? NOTHING : unexpectedTable(kinds)}`;
}

function unexpectedTable(kinds: readonly (readonly [string, number])[]): Html {
  return table({
    caption: 'Unexpected arrivals by kind',
    head: ['kind', 'arrivals'],
    rows: kinds.map(([kind, count]) => [html`<code>${kind}</code>`, countText(count)]),
  });
}

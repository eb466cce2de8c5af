/**
 * Order, duplication and loss as sentences, the same in every format: what was seen of how many, as a ratio, and how
 * much more often it may happen. A zero is never "never": it comes with the bound that its n supports.
 */
import { upperBound95 } from '../../bench/judge/ordering-bound.ts';
import type { RunResult, ViolationRate } from '../../bench/model/result.ts';
import { countText, ratioText } from '../figures.ts';
import { type ViolationCount, violationCounts } from './counts.ts';

/** What became of order, uniqueness and delivery: one sentence for each. */
export function orderingSentences(
  result: RunResult,
): { readonly isViolated: boolean; readonly text: string }[] {
  const counts = violationCounts(result);
  return (['Reordered', 'Duplicated', 'Lost'] as const).flatMap((name) => {
    const violation = counts.find((count) => count.name === name);
    return violation === undefined
      ? []
      : [{ isViolated: violation.count > 0, text: sentence(violation, PARTICIPLES[name]) }];
  });
}

const PARTICIPLES = { Reordered: 'overtaken', Duplicated: 'duplicated', Lost: 'lost' } as const;

function sentence({ count, of, ofWhat, upper95 }: ViolationCount, participle: string): string {
  if (of === 0) return `Nothing was ${ofWhat}, so nothing can be said of messages ${participle}.`;
  if (count === 0) {
    const bound = of < 3 ? null : upperBound95(0, of);
    const most = bound === null ? 'too few to say more' : `at most ${ratioText(bound)} at 95 %`;
    return `None of ${countText(of)} ${ofWhat} messages was ${participle} (${most}).`;
  }
  const most = upper95 === null ? '' : `, at most ${ratioText(upper95)} at 95 %`;
  const were = count === 1 ? 'was' : 'were';
  return `${countText(count)} of ${countText(of)} ${ofWhat} messages ${were} ${participle} (${ratioText(count / of)}${most}).`;
}

/** The kinds of violation in reading order, with what each means. Kinds not listed follow. */
export const KIND_MEANINGS: Readonly<Record<string, string>> = {
  reordered: 'arrived after a later one of its stream (RFC 4737, section 3.3)',
  duplicated: 'arrived again (RFC 5560)',
  lost: 'sent, and no answer came (RFC 7680)',
  corrupt: 'content changed on the way',
  otherStream: 'came to a connection that had not sent it',
  otherRun: 'belongs to another run',
  unsent: 'an answer to what was never sent',
};

/** Rates in reading order. */
export function orderedRates(rates: Readonly<Record<string, ViolationRate>>): [string, ViolationRate][] {
  const known = Object.keys(KIND_MEANINGS).filter((kind) => Object.hasOwn(rates, kind));
  const others = Object.keys(rates).filter((kind) => !Object.hasOwn(KIND_MEANINGS, kind));
  return [...known, ...others].flatMap((kind) => {
    const rate = rates[kind];
    return rate === undefined ? [] : [[kind, rate] as [string, ViolationRate]];
  });
}

/** Where reorders arose, and what that means. */
export const WHERE: Readonly<
  Record<'ingest' | 'delivery' | 'unknown', readonly [name: string, meaning: string]>
> = {
  ingest: [
    'before the stream',
    'the stream already had the two the wrong way round: the gateway’s way into it overtook',
  ],
  delivery: [
    'after the stream',
    'the stream had them in order, or in separate shards, and function or delivery turned them round',
  ],
  unknown: ['not known', 'at least one of the two was not traced'],
};

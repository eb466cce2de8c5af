import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture } from '../testing/fixture.ts';
import { sumOf } from './hops.ts';
import { orderedRates, orderingSentences } from './ordering-text.ts';

const texts = (kind: Parameters<typeof fixture>[0]): string[] =>
  orderingSentences(fixture(kind).result).map(({ text }) => text);

test('what was seen is told with its n, ratio and bound', () => {
  assert.equal(
    texts('disordered')[0],
    '117 of 29,997 delivered messages were overtaken (0.39 %, at most 0.47 % at 95 %).',
  );
});

test('older results have no bound of what was seen, and the rule of three for what was not', () => {
  assert.equal(texts('violations')[0], '117 of 29,997 delivered messages were overtaken (0.39 %).');
  assert.equal(texts('valid')[2], 'None of 30,000 sent messages was lost (at most 0.01 % at 95 %).');
});

test('nothing delivered proves nothing', () => {
  assert.match(texts('empty')[0] ?? '', /Nothing was delivered, so nothing can be said/);
});

test('rates come in reading order, and a kind that is not known comes last', () => {
  const rate = { count: 0, of: 1, upper95: 1 };
  const names = orderedRates({ new: rate, lost: rate, reordered: rate }).map(([kind]) => kind);
  assert.deepEqual(names, ['reordered', 'lost', 'new']);
});

test('hops add up within what the stamps resolve, or a hop is missing, in either direction', () => {
  const sum = { samples: 1000, hopsMeanMs: 60, serviceMeanMs: 60.4, differenceMs: -0.4, toleranceMs: 2 };
  assert.equal(
    sumOf(sum).sentence,
    'The four hops add up to the measured service time within 0.400 ms (mean of the hops 60 ms, mean service time 60.4 ms, n = 1,000; the stamps’ resolution allows 2 ms).',
  );
  for (const differenceMs of [-2.1, 2.1]) {
    const { isWhole, sentence: text } = sumOf({ ...sum, differenceMs });
    assert.equal(isWhole, false);
    assert.match(text, /do not add up .* 2\.10 ms apart/);
  }
});

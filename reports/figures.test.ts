import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationFlag } from '../bench/model/duration.ts';
import {
  amountText,
  counted,
  countText,
  durationText,
  momentText,
  percentileText,
  ratioText,
} from './figures.ts';

test('amounts have three significant digits, and integers keep all of theirs', () => {
  const cases: [number | null, string][] = [
    [0, '0'],
    [5, '5'],
    [0.01234, '0.0123'],
    [0.00001234, '1.2e-5'],
    [1.2345, '1.23'],
    [12.345, '12.3'],
    [99.94, '99.9'],
    [99.96, '100'],
    [123.45, '123'],
    [1234.5, '1,235'],
    [1_234_567, '1,234,567'],
    [-12.345, '-12.3'],
    [null, '–'],
    [Number.NaN, '–'],
  ];
  for (const [amount, text] of cases) assert.equal(amountText(amount), text);
});

test('a ratio that is not all or nothing is never rounded to it', () => {
  const cases: [number, string][] = [
    [0, '0 %'],
    [1, '100 %'],
    [3 / 1e9, '3e-7 %'],
    [0.0001, '0.01 %'],
    [0.0123, '1.2 %'],
    [0.235, '23.5 %'],
    [29_997 / 30_000, '99.99 %'],
    [1 - 3 / 1e9, '99.9999997 %'],
  ];
  for (const [ratio, text] of cases) assert.equal(ratioText(ratio), text);
});

test('durations are written as flags take them and as people read them', () => {
  const cases: [number, string, string][] = [
    [0, '0ms', '0 ms'],
    [250, '250ms', '250 ms'],
    [1500, '1500ms', '1.50 s'],
    [30_000, '30s', '30 s'],
    [90_000, '90s', '90 s'],
    [300_000, '5m', '5 min'],
    [150_000, '150s', '2 min 30 s'],
    [7_200_000, '2h', '2 h 0 min'],
  ];
  for (const [ms, flag, text] of cases) assert.deepEqual([durationFlag(ms), durationText(ms)], [flag, text]);
});

test('counts, moments, percentiles and plurals read well', () => {
  assert.equal(countText(30_039), '30,039');
  assert.equal(momentText(31_204.55), '31,204.6');
  assert.equal(percentileText(99.99), 'p99.99');
  assert.deepEqual([counted(1, 'message'), counted(2, 'message')], ['1 message', '2 messages']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FAULT_ACTIONS,
  type Fault,
  type FaultAction,
  type FaultSite,
  PLAIN_FAULT,
} from '../../bench/model/fault.ts';
import type { FaultOutcome } from '../../bench/model/result.ts';
import { fixture } from '../testing/fixture.ts';
import { decidedTally, faultBanner, faultSpan, faultText, recoveryText, touchedText } from './fault-text.ts';

const DROP: Fault = {
  ...PLAIN_FAULT,
  name: 'drop',
  where: 'ingest',
  do: 'drop',
  atMs: 1000,
  forMs: 500,
  ratio: 0.05,
  delayMs: 250,
  status: 503,
};
const ENDED: FaultOutcome = {
  fault: DROP,
  fromMs: 1000,
  untilMs: 1500,
  tally: { touched: 1, lost: 1, duplicated: 0, reordered: 0 },
  recovery: { backlogMs: 2000, p99Ms: 3000, p99BeforeMs: 118 },
};

test('every fault there is has words of its own', () => {
  const texts = Object.entries(FAULT_ACTIONS).flatMap(([where, actions]) =>
    actions.map((action: FaultAction) => faultText({ ...DROP, where: where as FaultSite, do: action })),
  );
  assert.equal(new Set(texts).size, texts.length, texts.join('\n'));
  assert.ok(texts.every((text) => !text.includes('undefined')));
});

test('how many are struck, and which, is said', () => {
  assert.equal(faultText(DROP), 'messages on their way into the stream are dropped (5 % of them)');
  assert.equal(
    faultText({ ...DROP, where: 'shard', do: 'throttle', ratio: 1, shard: 2 }),
    'puts into the stream are refused as above the throughput (all of them, shard 2 only)',
  );
  assert.equal(
    faultText({ ...DROP, where: 'connection', do: 'kill', ratePerSecond: 2 }),
    'connections are reset (2 per second)',
  );
  assert.match(
    faultText({ ...DROP, where: 'callback', do: 'error', functionId: 'Echo' }),
    /HTTP 503 .*function Echo only/,
  );
  assert.match(
    faultText({ ...DROP, where: 'function', do: 'error', when: 'after' }),
    /after their work is done/,
  );
});

test('the span, what was struck and the recovery are told', () => {
  assert.equal(faultSpan(ENDED), '1 s to 1.5 s');
  assert.equal(touchedText(ENDED), '1 message');
  assert.equal(
    recoveryText(ENDED),
    'its backlog was gone 2 s after its end; p99 was within 10 % of its earlier 118 ms again after 3 s',
  );
});

test('what a fault did to messages is told where it decides that, and 0 of earlier versions is no answer', () => {
  assert.deepEqual(decidedTally(ENDED), ENDED.tally);
  const crash: Fault = { ...DROP, where: 'function', do: 'crash' };
  const unknown = { touched: 3, lost: null, duplicated: null, reordered: null };
  const earlier = { touched: 3, lost: 0, duplicated: 0, reordered: 0 };
  for (const tally of [unknown, earlier, null])
    assert.equal(decidedTally({ ...ENDED, fault: crash, tally }), null, JSON.stringify(tally));
});

test('every absent figure has its reason', () => {
  const never = { ...ENDED, fromMs: null, untilMs: null, recovery: null };
  const lasting = { ...ENDED, untilMs: null, recovery: null };
  assert.deepEqual([faultSpan(never), faultSpan(lasting)], ['never: the run ended before', '1 s to the end']);
  assert.equal(recoveryText(never), 'it never began');
  assert.match(recoveryText(lasting), /lasted to the end of the run/);
  assert.match(recoveryText({ ...ENDED, recovery: null }), /too little was measured/);
  const none = { backlogMs: null, p99Ms: null, p99BeforeMs: 9, percentile: 'p50' } as const;
  assert.equal(
    recoveryText({ ...ENDED, recovery: none }),
    'its backlog was still there at the end of the run; p50 did not come back within 10 % of its earlier 9 ms',
  );
  assert.equal(touchedText({ ...ENDED, tally: null }), 'not counted');
});

test('a run with faults is announced as that of a faulty stage, one without is not', () => {
  assert.equal(faultBanner(fixture('valid').result), null);
  assert.match(faultBanner(fixture('faulty').result) ?? '', /\(3\): the figures are those of a faulty stage/);
  const { plan } = fixture('faulty').result;
  assert.match(faultBanner({ plan, faults: [] }) ?? '', /none began/);
});

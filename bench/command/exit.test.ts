import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fixture } from '../../reports/testing/fixture.ts';
import { NothingMeasured } from '../drive/probe-stage.ts';
import { ConfigurationError, Interrupted, OperatingError } from '../model/failure.ts';
import { exitCodeOf, report } from './exit.ts';

test('a result that the report calls invalid, since its counts contradict each other, is no success', () => {
  const { result } = fixture('valid');
  assert.equal(exitCodeOf(result, false), 0);
  const connections = { ...result.connections, opened: result.connections.requested + 1 };
  assert.equal(exitCodeOf({ ...result, connections }, false), 4);
});

function reported(t: TestContext, error: unknown): { code: number; text: string } {
  let text = '';
  const mock = t.mock.method(process.stderr, 'write', (chunk: string) => {
    text += chunk;
    return true;
  });
  const code = report(error);
  mock.mock.restore();
  return { code, text };
}

test('each kind of error has its exit code, and only a mistake of this program shows its stack', (t) => {
  assert.deepEqual(reported(t, new ConfigurationError(['rate: is bad', 'seed: is bad'])), {
    code: 2,
    text: 'error: rate: is bad\nerror: seed: is bad\n',
  });
  assert.deepEqual(reported(t, new OperatingError('no AWS')), { code: 1, text: 'error: no AWS\n' });
  assert.deepEqual(reported(t, new NothingMeasured('no echo')), { code: 1, text: 'error: no echo\n' });
  assert.deepEqual(reported(t, new Interrupted('Interrupted.')), { code: 130, text: 'Interrupted.\n' });
  const bug = reported(t, new TypeError('undefined is no number'));
  assert.equal(bug.code, 1);
  assert.match(bug.text, /^error: TypeError: undefined is no number\n +at /);
});

/** The driver's ledger against a server that misbehaves by its own seed and keeps its own account of it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { bench, resultIn, temporaryDirectory } from './testing/cli.ts';
import { accountOf } from './testing/rogue/account.ts';
import { differences, startRogue } from './testing/rogue/proof.ts';

const directory = temporaryDirectory();
after(() => directory.remove());

const UNDER_TEST = ['drop', 'duplicate', 'swap', 'hold back', 'corrupt', 'misdirect', 'garbage'];
const RARER = ['gateway error', 'foreign run', 'never sent', 'kill'];

test('at 5,000 messages/s the ledger equals the account of a server that does everything wrong, message by message', async () => {
  const server = await startRogue(20_260_131);
  const out = path.join(directory.path, 'run');
  const load = ['--connections', '500', '--rate', '5000', '--duration', '4s', '--connect-rate', '2000'];
  const rest = ['--warmup', '0s', '--drain', '1500ms', '--seed', '1', '--out', out, '--quiet'];
  const { code, stderr } = await bench('run', '--stage', server.url, ...load, ...rest);
  const tally = await server.stop();
  // A machine too busy to send on time makes the run invalid (4); what was sent has to be counted right all the same.
  assert.ok(code === 0 || code === 4, `exit ${code}: ${stderr}`);
  const result = resultIn(out);
  assert.deepEqual(differences(out, result, tally), []);
  assert.equal(result.messages.sent + result.messages.refused, 20_000);
  assert.equal(result.connections.closedEarly, tally.acts.kill);
  for (const act of UNDER_TEST) assert.ok(tally.acts[act]! >= 50, `${act}: ${tally.acts[act]} times`);
  for (const act of RARER) assert.ok(tally.acts[act]! >= 3, `${act}: ${tally.acts[act]} times`);
  for (const kind of ['corrupt', 'otherStream', 'otherRun', 'unsent', 'undecodable', 'gatewayError'])
    assert.ok(result.messages.unexpected[kind]! > 20, `${kind}: ${result.messages.unexpected[kind]}`);
  // The comparison itself: one count that is off, and one violation that nobody saw, are found.
  const messages = { ...result.messages, lost: result.messages.lost + 1 };
  assert.equal(differences(out, { ...result, messages }, tally).length, 1);
  const [first, ...others] = tally.streams;
  const streams = [{ ...first!, violations: [...first!.violations, 'lost 0 4711'] }, ...others];
  assert.ok(differences(out, result, { ...tally, streams }).includes('no witness: lost 0 4711'), 'missed');
});

test('the account of a short log is what RFC 4737 makes of it', () => {
  const log = {
    stream: 7,
    received: [0, 1, 2, 3, 4, 5],
    written: [2, 0, 'corrupt', 3, 1, 1, 9],
    killed: false,
  };
  const { delivered, duplicated, lost, unexpected, extents, degrees } = accountOf(log);
  assert.deepEqual([delivered, duplicated, lost], [4, 1, 2]);
  assert.deepEqual(unexpected, { corrupt: 1, unsent: 1 });
  assert.deepEqual(
    [extents, degrees],
    [
      [1, 3],
      [1, 1],
    ],
  );
  const killed = accountOf({ ...log, killed: true });
  assert.deepEqual([killed.lost, killed.indeterminate], [0, 2]);
});

/** The sieve alone, for what real sockets seldom do. The rest is in `dialer.prop.test.ts`, against plain `ws`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameSieve } from './frame-sieve.ts';

const text = (content: string) => Buffer.from([0x81, content.length, ...Buffer.from(content)]);
const PING = Buffer.from([0x89, 0]);

/** A sieve before an implementation that looks at its bytes only when told to. */
function slow() {
  const log: string[] = [];
  let waits = false;
  const sieve = new FrameSieve(
    {
      message: (bytes, start, end) => log.push(`message ${Buffer.from(bytes.subarray(start, end))}`),
      rest: (bytes, start, end) => {
        log.push(`rest ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`);
        waits = true;
      },
      restWaits: () => waits,
    },
    1024,
  );
  const look = () => {
    waits = false;
  };
  const take = (bytes: Buffer) => sieve.take(bytes, 0, bytes.length);
  return { log, take, look };
}

test('no message overtakes bytes that wait behind the sieve', () => {
  const { log, take, look } = slow();
  take(Buffer.concat([text('a'), PING, text('b')]));
  take(text('c'));
  look();
  take(text('d'));
  const waited = ['rest 8900', `rest ${text('b').toString('hex')}`, `rest ${text('c').toString('hex')}`];
  assert.deepEqual(log, ['message a', ...waited, 'message d']);
});

test('bytes that wait leave the sieve as they came, frames cut anywhere included', () => {
  const { log, take } = slow();
  const bytes = Buffer.concat([PING, text('first'), text('second')]);
  for (const byte of bytes) take(Buffer.from([byte]));
  assert.equal(log.map((line) => line.replace('rest ', '')).join(''), bytes.toString('hex'));
});

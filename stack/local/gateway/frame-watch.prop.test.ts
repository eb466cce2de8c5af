/** The watch, fed a stream cut anywhere, must agree with a twin that was told the frames. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameWatch } from './sockets.ts';

const LIMIT_BYTES = 300;

/** A client frame: masked, with the shortest length field, payload bytes that look like headers. */
function frame(length: number): Buffer {
  const mask = Buffer.from([0x81, 0xfe, 0xff, 0xff]);
  const payload = Buffer.alloc(length, 0xff);
  if (length < 126) return Buffer.concat([Buffer.from([0x81, 0x80 | length]), mask, payload]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  header[1] = 0x80 | (length < 65_536 ? 126 : 127);
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, mask, payload]);
}

test('every frame over the limit is seen, and no other, however the stream is cut', () => {
  const length = fc.oneof(
    fc.integer({ min: 0, max: 400 }),
    fc.constantFrom(125, 126, 300, 301, 65_535, 65_536),
  );
  fc.assert(
    fc.property(
      fc.array(length, { maxLength: 8 }),
      fc.array(fc.nat({ max: 2_000 }), { maxLength: 30 }),
      (lengths, cuts) => {
        let seen = 0;
        const watch = new FrameWatch(LIMIT_BYTES, () => {
          seen += 1;
        });
        let stream = Buffer.concat(lengths.map(frame));
        for (const cut of cuts) {
          watch.read(stream.subarray(0, cut));
          stream = stream.subarray(cut);
        }
        watch.read(stream);
        assert.equal(seen, lengths.filter((bytes) => bytes > LIMIT_BYTES).length);
      },
    ),
  );
});

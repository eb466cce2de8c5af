/** Frames as a server reads them, against a trivial twin of RFC 6455 sections 5.2 and 5.3. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { Outbox } from './outbox.ts';

/** A socket whose system takes everything at once. */
function newSocket() {
  const written: Buffer[] = [];
  const socket = {
    writable: true,
    writableLength: 0,
    write: (bytes: Buffer) => written.push(Buffer.from(bytes)),
  };
  return { socket: socket as unknown as Socket, bytes: () => Buffer.concat(written) };
}

interface Frame {
  readonly key: string;
  readonly payload: string;
}

/** Whole masked text frames, byte by byte. */
function framesIn(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    assert.equal(bytes[at], 0x81);
    assert.ok(bytes[at + 1]! >= 0x80, 'a client masks');
    const short = bytes[at + 1]! & 0x7f;
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    at += short < 126 ? 2 : short === 126 ? 4 : 10;
    const key = bytes.subarray(at, at + 4);
    const masked = bytes.subarray(at + 4, at + 4 + length);
    frames.push({
      key: key.toString('hex'),
      payload: Buffer.from(masked.map((byte, index) => byte ^ key[index % 4]!)).toString('hex'),
    });
    at += 4 + length;
  }
  return frames;
}

function framesOf(masking: 'random' | 'zero', payloads: readonly Uint8Array[]): Frame[] {
  const { socket, bytes } = newSocket();
  const outbox = new Outbox(masking);
  for (const payload of payloads) outbox.send(socket, payload);
  outbox.flush();
  return framesIn(bytes());
}

const sizes = fc.oneof(fc.nat(40), fc.constantFrom(125, 126, 4_095, 65_535, 65_536, 70_001));
const payloads = fc.array(
  sizes.map((size) => Uint8Array.from({ length: size }, (_, index) => (index * 7 + size) & 0xff)),
  { maxLength: 30 },
);

test('a server unmasks every payload as it was sent, whatever its length and where it lies', () => {
  fc.assert(
    fc.property(payloads, fc.constantFrom('random' as const, 'zero' as const), (sent, masking) => {
      const frames = framesOf(masking, sent);
      assert.deepEqual(
        frames.map(({ payload }) => payload),
        sent.map((payload) => Buffer.from(payload).toString('hex')),
      );
    }),
    { numRuns: 60 },
  );
});

test('keys are drawn anew for every frame, beyond those that are drawn at once', () => {
  const frames = framesOf('random', new Array<Uint8Array>(5_000).fill(new Uint8Array(3)));
  // Of 5,000 keys of 32 bits two are alike with a chance of 0.3 %; three pairs with one in 10 million.
  assert.ok(new Set(frames.map(({ key }) => key)).size > 4_997);
  const zero = framesOf('zero', [new Uint8Array(3), new Uint8Array(200)]);
  assert.deepEqual(new Set(zero.map(({ key }) => key)), new Set(['00000000']));
});

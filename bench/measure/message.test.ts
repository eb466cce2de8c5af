import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from '../model/crc32.ts';
import { MessageReader, MessageWriter, MIN_PAYLOAD_BYTES } from './message.ts';

const RUN = '0123456789abcdef';
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

function frameOf(stream: number, sequence: number, payloadBytes = 200): Uint8Array {
  return new MessageWriter({ runId: RUN, payloadBytes, trace: true }).frame(stream, sequence).slice();
}

const reader = (payloadBytes = 200) => new MessageReader({ runId: RUN, payloadBytes });

test('CRC-32 over any range agrees with zlib', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (data, cut) => {
      const at = Math.min(cut, data.length);
      assert.equal(crc32(data, at, data.length, crc32(data, 0, at, 0)), zlibCrc32(data));
    }),
  );
});

test('a message is one JSON object of strings with the asked size', () => {
  const frame = frameOf(42, 7);
  assert.equal(frame.length, 200);
  const object = JSON.parse(text(frame)) as Record<string, unknown>;
  assert.deepEqual(Object.keys(object), ['run', 'stream', 'sequence', 'trace', 'sum', 'padding']);
  assert.ok(Object.values(object).every((value) => typeof value === 'string'));
  assert.deepEqual(
    [object.run, object.stream, object.sequence, object.trace],
    [RUN, '0000002a', '0000000007', '1'],
  );
});

test('every message is read back by position, and after a parser has printed it anew', () => {
  const sizes = fc.integer({ min: MIN_PAYLOAD_BYTES, max: 600 });
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.nat(9_999_999_999), sizes, (stream, sequence, size) => {
      const frame = frameOf(stream, sequence, size);
      const reading = reader(size);
      assert.equal(reading.read(frame, stream), 'message');
      assert.equal(reading.sequence, sequence);
      const reprinted = bytes(JSON.stringify(JSON.parse(text(frame)), null, 2));
      assert.equal(reading.read(reprinted, stream), 'message');
      assert.equal(reading.sequence, sequence);
    }),
  );
});

test('any change of a single byte is noticed', () => {
  const frame = frameOf(1, 2);
  fc.assert(
    fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = frame.slice();
      changed[at] = changed[at]! ^ change;
      const reading = reader();
      const kind = reading.read(changed, 1);
      // A key or mark that changes makes it something else; it may never be taken for another message.
      assert.ok(kind !== 'message' || reading.sequence === 2, `${kind} ${reading.sequence}`);
      if (kind === 'message') assert.fail(`byte ${at} was changed to ${changed[at]} unnoticed`);
    }),
    { numRuns: 3000 },
  );
});

test('each kind of unexpected arrival is told from the others', () => {
  const reading = reader();
  const kinds: [string, Uint8Array, number][] = [
    ['undecodable', bytes('hello'), 1],
    ['undecodable', bytes('[1,2]'), 1],
    ['undecodable', bytes('{"msg":"Hello World!"}'), 1],
    ['undecodable', Uint8Array.of(0xff, 0xfe), 1],
    ['gatewayError', bytes('{"message": "Internal server error", "connectionId":"a=", "requestId":"b="}'), 1],
    ['otherStream', frameOf(2, 5), 1],
    [
      'otherRun',
      new MessageWriter({ runId: 'f'.repeat(16), payloadBytes: 200, trace: false }).frame(1, 0),
      1,
    ],
    ['corrupt', bytes(text(frameOf(1, 5)).replace('0000000005', '0000000006')), 1],
    ['corrupt', bytes(text(frameOf(1, 5)).replace('.....', '....x')), 1],
    ['corrupt', bytes(JSON.stringify({ ...JSON.parse(text(frameOf(1, 5))), sequence: 'x' }, null, 1)), 1],
  ];
  for (const [kind, arrival, stream] of kinds)
    assert.equal(reading.read(arrival, stream), kind, text(arrival));
});

test('a digit of the sum that only looks like the right one to a lenient parser is noticed', () => {
  const frame = frameOf(1, 2);
  const at = text(frame).indexOf('"sum":"') + 7;
  for (let place = at; place < at + 8; place++) {
    for (let byte = 0; byte < 256; byte++) {
      if (byte === frame[place]) continue;
      const changed = frame.slice();
      changed[place] = byte;
      assert.notEqual(reader().read(changed, 1), 'message', `byte ${byte} at ${place - at}`);
    }
  }
});

test('hop stamps appended to a traced echo are read, and senseless ones are left out', () => {
  const frame = text(frameOf(1, 5)).slice(0, -1);
  const hops = {
    shard: 'shardId-000000000001',
    record: '123',
    arrivedMs: 1,
    startedMs: 2.5,
    postedMs: 3,
    batchSize: 4,
  };
  const reading = reader();
  assert.equal(reading.read(bytes(`${frame},"hops":${JSON.stringify(hops)}}`), 1), 'message');
  assert.deepEqual(reading.hops, {
    shard: hops.shard,
    record: '123',
    arrivedMs: 1,
    startedMs: 2.5,
    postedMs: 3,
  });
  assert.equal(reading.read(bytes(`${frame},"hops":{"arrivedMs":"x"}}`), 1), 'message');
  assert.equal(reading.hops, null);
  assert.equal(reading.read(bytes(`${frame},"hops":{`), 1), 'corrupt');
});

const STAMPS = {
  shard: 'shardId-000000000001',
  record: '49650000000000000000000000000000000000000000000000000001',
  gatewayMs: 1_700_000_000_001,
  arrivedMs: 1_700_000_000_002,
  startedMs: 1_700_000_000_003,
  postedMs: 1_700_000_000_004,
  batchSize: 12,
  batchIndex: 3,
  requestId: '8f0e4a52-0000-4000-8000-000000000000',
  coldStart: false,
};

function tracedOf(hops: string, sequence = 5): Uint8Array {
  return bytes(`${text(frameOf(1, sequence)).slice(0, -1)},"hops":${hops}}`);
}

test('the stamps of the reference service are read by position as the parser reads them', () => {
  const number = fc.oneof(fc.nat(3), fc.nat(2 ** 48), fc.integer({ min: -5, max: -1 }), fc.double());
  const word = fc.oneof(fc.string(), fc.constant('shardId-000000000000'), fc.stringMatching(/^\d{1,60}$/));
  const stamps = fc.record({
    shard: word,
    record: word,
    gatewayMs: number,
    arrivedMs: number,
    startedMs: number,
    postedMs: number,
    batchSize: number,
    batchIndex: number,
    requestId: word,
    coldStart: fc.boolean(),
  });
  const reading = reader();
  let understood = 0;
  fc.assert(
    fc.property(fc.oneof(fc.constant(STAMPS), stamps), fc.nat(9999), (hops, sequence) => {
      const traced = tracedOf(JSON.stringify(hops), sequence);
      assert.equal(reading.read(traced, 1), 'message');
      const byPosition = reading.hops;
      // A blank before the colon is JSON, and not how the service prints it.
      const reprinted = bytes(text(traced).replace('"hops":', '"hops" :'));
      assert.equal(reading.read(reprinted, 1), 'message');
      assert.deepEqual(byPosition, reading.hops);
      assert.equal(reading.sequence, sequence);
      if (byPosition !== null) understood++;
    }),
    { numRuns: 500 },
  );
  assert.ok(understood > 100, `${understood} understood`);
});

test('stamps that are cut, doubled or followed by something are told as the parser tells them', () => {
  const whole = JSON.stringify(STAMPS);
  const frame = text(frameOf(1, 5)).slice(0, -1);
  const readings: [string, string][] = [
    ...Array.from({ length: whole.length - 1 }, (_, cut): [string, string] => [
      `${frame},"hops":${whole.slice(0, cut)}`,
      'corrupt',
    ]),
    [`${frame},"hops":${whole}}}`, 'corrupt'],
    [`${frame},"hops":${whole},"more":1}`, 'message'],
    [`${frame},"hops":${whole}} `, 'message'],
  ];
  for (const [arrival, kind] of readings) assert.equal(reader().read(bytes(arrival), 1), kind, arrival);
});

test('a traced message is no more trusted than another', () => {
  const traced = tracedOf(JSON.stringify(STAMPS));
  const head = frameOf(1, 5).length - 1;
  const reading = reader();
  for (let at = 0; at < head; at++) {
    for (const change of [1, 0x10, 0x80]) {
      const changed = traced.slice();
      changed[at] = changed[at]! ^ change;
      assert.notEqual(reading.read(changed, 1), 'message', `byte ${at}`);
    }
  }
  assert.equal(reading.read(traced, 2), 'otherStream');
});

test('stamps that are longer than names of Kinesis are not kept, and what is appended beyond a limit is not parsed', () => {
  const reading = reader();
  const stamps = { shard: 'shardId-0', record: '12', arrivedMs: 1, startedMs: 2, postedMs: 3 };
  const read = (hops: object) => {
    const frame = text(frameOf(1, 5)).slice(0, -1);
    return reading.read(bytes(`${frame},"hops":${JSON.stringify(hops)}}`), 1);
  };
  assert.equal(read(stamps), 'message');
  assert.equal(reading.hops?.shard, 'shardId-0');
  for (const long of [
    { shard: 's'.repeat(129) },
    { record: '1'.repeat(130) },
    { shard: 's'.repeat(900_000) },
  ]) {
    assert.equal(read({ ...stamps, ...long }), 'message');
    assert.equal(reading.hops, null);
  }
});

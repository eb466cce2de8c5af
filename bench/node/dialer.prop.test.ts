/** The dialer against plain `ws` on the same bytes: same messages, same end, whatever the server sends and how it is cut. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import WebSocket from 'ws';
import { wsDialer } from './dialer.ts';

/** What a connection told its owner, the end last. */
type Story = string[];

/** Chunks of the server, one write each, the first with the end of the handshake. */
type Script = readonly Buffer[];

let server: Server;
let script: Script = [];
/** Called when the client's connection is open: what a script with nothing at its beginning waits for. */
let clientOpened = (): void => {};

/** Shakes hands and plays the script. */
function serve(socket: Socket): void {
  socket.setNoDelay();
  socket.on('error', () => {});
  let request = '';
  socket.on('data', (data) => {
    if (request.endsWith('\r\n\r\n')) return;
    request += data.toString('latin1');
    if (request.endsWith('\r\n\r\n')) void play(socket, /sec-websocket-key: (.*)\r\n/i.exec(request)![1]!);
  });
}

async function play(socket: Socket, key: string): Promise<void> {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
  const [first = Buffer.alloc(0), ...others] = script;
  const opened = new Promise<void>((resolve) => {
    clientOpened = resolve;
  });
  socket.write(Buffer.concat([Buffer.from(head), first]));
  if (first.length === 0) await opened;
  for (const chunk of others) {
    // A turn between writes has them arrive apart, mostly.
    await new Promise((resolve) => setImmediate(resolve));
    socket.write(chunk);
  }
  socket.end();
}

before(async () => {
  server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());

const url = () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;

function ours(): Promise<Story> {
  const story: Story = [];
  return new Promise((resolve) => {
    const end = (line: string) => resolve([...story, line]);
    wsDialer({}).dial(url(), {
      opened: () => {
        story.push('opened');
        clientOpened();
      },
      received: (bytes, from, to) => story.push(Buffer.from(bytes.subarray(from, to)).toString('base64')),
      closed: (code, reason) => end(`closed ${code} ${reason}`),
      failed: (code) => end(`failed ${code}`),
    });
  });
}

function plain(): Promise<Story> {
  const story: Story = [];
  return new Promise((resolve) => {
    const socket = new WebSocket(url(), {
      perMessageDeflate: false,
      maxPayload: 1024 * 1024,
      skipUTF8Validation: true,
    });
    socket.on('open', () => {
      story.push('opened');
      clientOpened();
    });
    socket.on('message', (data: Buffer) => story.push(data.toString('base64')));
    socket.on('error', () => {});
    socket.on('close', (code, reason) => resolve([...story, `closed ${code} ${reason}`]));
  });
}

/** A frame as a server sends it, or should not. */
function frame(first: number, payload: Buffer, masked = false): Buffer {
  const mask = masked ? 0x80 : 0;
  const { length } = payload;
  const header =
    length < 126
      ? [first, mask | length]
      : length < 65_536
        ? [first, mask | 126, length >> 8, length & 255]
        : [first, mask | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  return Buffer.concat([Buffer.from(header), Buffer.alloc(masked ? 4 : 0), payload]);
}

const sizes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000, 20_000) },
);
/** Some payloads look like frames, for whoever takes the middle of one for its beginning. */
const contents = fc.constantFrom(
  Buffer.from('text '),
  Buffer.from([0x81, 0x01]),
  Buffer.from([0x81, 0x00, 0x88, 0x00]),
);
const payloads = fc.tuple(sizes, contents).map(([size, content]) => Buffer.alloc(size, content));
const small = fc.nat(120).map((size) => Buffer.alloc(size, 'control'));

const text = payloads.map((payload) => frame(0x81, payload));
const usual = fc.oneof(
  { weight: 10, arbitrary: text },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(0x89, 0x8a), small).map(([op, data]) => frame(op, data)) },
  { weight: 1, arbitrary: payloads.map((payload) => frame(0x82, payload)) },
  {
    weight: 2,
    arbitrary: fc
      .array(payloads, { minLength: 2, maxLength: 4 })
      .map((parts) =>
        Buffer.concat(
          parts.flatMap((part, index) => [
            frame((index === 0 ? 1 : 0) | (index === parts.length - 1 ? 0x80 : 0), part),
            ...(index === 0 ? [frame(0x89, Buffer.from('between'))] : []),
          ]),
        ),
      ),
  },
);
/** Things that end a connection, or would if the frames before them did not make them valid. */
const fatal = fc.oneof(
  fc
    .constantFrom(1000, 1001, 1011, 4000, 1005, 999)
    .map((code) => frame(0x88, Buffer.from([code >> 8, code & 255, 0x6f]))),
  fc.constant(frame(0x88, Buffer.alloc(0))),
  fc.constant(frame(0x88, Buffer.alloc(1))),
  fc.tuple(fc.integer({ min: 0, max: 255 }), small).map(([first, data]) => frame(first, data)),
  small.map((data) => frame(0x81, data, true)),
  fc.constant(frame(0x89, Buffer.alloc(126))),
  fc.constant(Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0x10, 0, 1])),
  fc.constant(Buffer.from([0x81, 127, 0xff, 0, 0, 0, 0, 0, 0, 1])),
  fc.constant(Buffer.concat([frame(0x01, Buffer.from('open')), frame(0x81, Buffer.from('too early'))])),
);
const streams = fc
  .tuple(
    fc.array(usual, { maxLength: 12 }),
    fc.option(fatal, { freq: 2 }),
    fc.array(text, { maxLength: 3 }),
    fc.nat(3),
  )
  .map(([frames, end, more, missing]) => {
    const bytes = Buffer.concat([...frames, ...(end === null ? [] : [end]), ...more]);
    return bytes.subarray(0, Math.max(0, bytes.length - missing));
  });
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

function cut(bytes: Buffer, fractions: readonly number[]): Buffer[] {
  const places = fractions.map((fraction) => Math.floor(fraction * bytes.length)).sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

test('random frames in random pieces make the same messages and the same end as with plain ws', async () => {
  await fc.assert(
    fc.asyncProperty(streams, cuts, async (bytes, fractions) => {
      script = cut(bytes, fractions);
      const expected = await plain();
      assert.deepEqual(await ours(), expected);
    }),
    { numRuns: Number(process.env.DIALER_RUNS ?? 150) },
  );
});

test('a message of every length around the borders of the header comes through, in one piece or byte by byte', async () => {
  const lengths = [0, 1, 125, 126, 127, 128];
  const bytes = Buffer.concat(lengths.map((length) => frame(0x81, Buffer.alloc(length, 'x'))));
  for (const pieces of [[bytes], [...bytes].map((byte) => Buffer.from([byte]))]) {
    script = pieces;
    assert.deepEqual(await ours(), await plain());
  }
});

test('an answer that the server sends right behind its handshake is not lost, cut or not', async () => {
  const bytes = Buffer.concat([frame(0x81, Buffer.from('first')), frame(0x81, Buffer.from('second'))]);
  for (let at = 0; at <= bytes.length; at++) {
    script = [bytes.subarray(0, at), bytes.subarray(at)];
    const story = await ours();
    assert.deepEqual(
      story.slice(1, -1).map((line) => Buffer.from(line, 'base64').toString()),
      ['first', 'second'],
    );
  }
});

test('nothing is delivered after a message that is too long in fragments', async () => {
  // The last fragment, one byte too many, comes with what follows it.
  const [most, last, after] = [
    frame(0x01, Buffer.alloc(1024 * 1024)),
    frame(0x80, Buffer.from('x')),
    'after',
  ];
  script = [Buffer.alloc(0), most, Buffer.concat([last, frame(0x81, Buffer.from(after))])];
  const story = await plain();
  assert.equal(story.length, 2);
  assert.deepEqual(await ours(), story);
});

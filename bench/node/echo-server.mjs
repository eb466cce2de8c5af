// The simplest WebSocket server that echoes, as a process of its own: what a driver is measured against when the driver is
// what is measured. It unmasks and returns whole messages (RFC 6455), answers pings and closes, and knows nothing else;
// it costs a fraction of what the driver does for the same message. It ends with the process that started it. Given a key,
// it speaks TLS by it.
// @ts-check
import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { serverTls } from './loopback-tls.mjs';

/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** Header without extension and with the mask; the extension of a length above 125, and above 65,535. */
const HEADER_BYTES = 6;
const EXTENSION_BYTES = 2;
const LONG_EXTENSION_BYTES = 8;

/**
 * @param {Buffer} bytes
 * @param {number} at within the bytes
 */
function byteAt(bytes, at) {
  return /** @type {number} */ (bytes[at]);
}

/**
 * One frame of the bytes, or null when it is not all there.
 * @param {Buffer} bytes
 * @param {number} from
 */
function frameAt(bytes, from) {
  if (bytes.length - from < HEADER_BYTES) return null;
  const short = byteAt(bytes, from + 1) & 0x7f;
  const extension = short === 126 ? EXTENSION_BYTES : short === 127 ? LONG_EXTENSION_BYTES : 0;
  const start = from + HEADER_BYTES + extension;
  if (bytes.length < start) return null;
  const length =
    extension === 0
      ? short
      : extension === EXTENSION_BYTES
        ? bytes.readUInt16BE(from + 2)
        : Number(bytes.readBigUInt64BE(from + 2));
  if (bytes.length < start + length) return null;
  return { opcode: byteAt(bytes, from) & 0xf, mask: start - 4, start, end: start + length };
}

/**
 * @param {Buffer} bytes
 * @param {{ mask: number, start: number, end: number }} frame
 */
function unmask(bytes, { mask, start, end }) {
  if (bytes.readUInt32BE(mask) === 0) return;
  for (let at = start, key = 0; at < end; at++, key = (key + 1) & 3) {
    bytes[at] = byteAt(bytes, at) ^ byteAt(bytes, mask + key);
  }
}

/**
 * The frame without its mask, written over what was received: its header is four bytes shorter.
 * @param {Buffer} bytes
 * @param {number} from
 * @param {{ opcode: number, mask: number, start: number, end: number }} frame
 */
function answer(bytes, from, frame) {
  unmask(bytes, frame);
  const { opcode, mask, start, end } = frame;
  const kept = opcode === PING ? (byteAt(bytes, from) & 0xf0) | PONG : byteAt(bytes, from);
  bytes[from + 1] = byteAt(bytes, from + 1) & 0x7f;
  bytes.copyWithin(start - (mask - from), from, mask);
  const at = start - (mask - from);
  bytes[at] = kept;
  return bytes.subarray(at, end);
}

/** @param {import('node:stream').Duplex} socket */
function echo(socket) {
  /** @type {Buffer} */
  let pending = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (/** @type {Buffer} */ chunk) => {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let from = 0;
    let isClosing = false;
    socket.cork();
    for (let frame = frameAt(bytes, from); frame !== null; frame = frameAt(bytes, from)) {
      isClosing ||= frame.opcode === CLOSE;
      if (frame.opcode !== PONG) socket.write(answer(bytes, from, frame));
      from = frame.end;
    }
    socket.uncork();
    pending = bytes.subarray(from);
    if (isClosing) socket.end();
  });
}

/** @type {http.RequestListener} */
const refuse = (_, response) => {
  response.writeHead(426).end();
};
const key = process.env.ECHO_TLS_KEY;
const server = key === undefined ? http.createServer(refuse) : https.createServer(serverTls(key), refuse);
server.on('upgrade', (request, socket) => {
  if (request.headers.origin !== undefined || !/^127\.0\.0\.1:\d+$/.test(request.headers.host ?? '')) {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'); // A web page, not a driver.
    return;
  }
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${ACCEPT_SUFFIX}`);
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept.digest('base64')}`].join('\r\n')}\r\n\r\n`);
  /** @type {import('node:net').Socket} */ (socket).setNoDelay(true);
  echo(socket);
});
process.on('disconnect', () => process.exit());
// Ctrl-C, and the end of the terminal, are for the process that started it.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.send?.({ port });
});

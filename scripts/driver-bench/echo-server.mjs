/**
 * The other side of the driver's benchmark: a WebSocket server on plain sockets that sends every text frame back and does
 * nothing else, because a server on `ws` would be the slower of the two. It understands what the subjects send – whole
 * masked frames – and no more; a frame it does not know for text ends the connection.
 *
 * Run as a child with an IPC channel. Sends its port, and answers any message with the processor time it has used, in
 * microseconds.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';

const BUFFER_BYTES = 256 * 1024;
const HEADER_END = '\r\n\r\n';

/** Echoes are built here and written at once; what the system does not take keeps the buffer, and another is made. */
let out = Buffer.allocUnsafeSlow(BUFFER_BYTES);

/** @param {string} request */
function handshake(request) {
  const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1]?.trim() ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}${HEADER_END}`;
}

/**
 * @param {Buffer} data
 * @param {number} from
 * @param {number} length
 * @param {number} mask where its four bytes are
 * @param {number} to
 */
function unmask(data, from, length, mask, to) {
  data.copy(out, to, from, from + length);
  if (data.readInt32LE(mask) === 0) return;
  const key = data.subarray(mask, mask + 4);
  for (let index = 0; index < length; index++)
    out[to + index] = data.readUInt8(from + index) ^ key.readUInt8(index & 3);
}

/**
 * Writes the echoes of the whole frames in the data into `out`.
 * @param {Buffer} data
 * @returns {{ taken: number, made: number } | null} bytes taken and made; null when something is no text frame
 */
function echo(data) {
  let taken = 0;
  let made = 0;
  while (data.length - taken >= 8) {
    const first = data[taken];
    const short = data.readUInt8(taken + 1) & 127;
    if (first !== 0x81 || short === 127) return null;
    const length = short === 126 ? data.readUInt16BE(taken + 2) : short;
    const mask = taken + (short === 126 ? 4 : 2);
    const end = mask + 4 + length;
    if (end > data.length) break;
    if (made + 4 + length > out.length) break;
    out[made++] = 0x81;
    out[made++] = short;
    if (short === 126) made = out.writeUInt16BE(length, made);
    unmask(data, mask + 4, length, mask, made);
    made += length;
    taken = end;
  }
  return { taken, made };
}

/** @param {import('node:net').Socket} socket */
function serve(socket) {
  socket.setNoDelay();
  socket.on('error', () => socket.destroy());
  let open = false;
  /** @type {Buffer | null} */
  let left = null;
  socket.on('data', (/** @type {Buffer} */ chunk) => {
    let data = left === null ? chunk : Buffer.concat([left, chunk]);
    left = null;
    if (!open) {
      const end = data.indexOf(HEADER_END);
      if (end === -1) {
        left = data;
        return;
      }
      socket.write(handshake(data.toString('latin1', 0, end + 2)));
      open = true;
      data = data.subarray(end + HEADER_END.length);
    }
    const done = echo(data);
    if (done === null) {
      socket.end();
      return;
    }
    if (done.taken < data.length) left = data.subarray(done.taken);
    if (done.made === 0) return;
    socket.write(out.subarray(0, done.made));
    if (socket.writableLength > 0) out = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  });
}

const server = createServer(serve).listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system });
});
process.on('disconnect', () => process.exit(0));

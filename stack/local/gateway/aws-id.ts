/**
 * Ids as API Gateway WebSocket APIs hand them out for connections, messages and requests: 16 characters of base64
 * ending in `=` (seen in public logs, such as `L0SM9cOFvHcCIhw=`), which is 11 bytes.
 */
import type { Random } from '../../../bench/ports.ts';

const BYTES = 11;
const WORD_BYTES = 4;

/** A source of ids, determined by the given chance. */
export function awsIds(random: Random): () => string {
  const bytes = Buffer.alloc(BYTES + 1);
  return () => {
    for (let offset = 0; offset < bytes.length; offset += WORD_BYTES) {
      bytes.writeUInt32BE(Math.floor(random.next() * 0x1_0000_0000), offset);
    }
    return `${bytes.toString('base64url', 0, BYTES)}=`;
  };
}

/**
 * Memory of a stage in which stacks come and go: 200 without traffic, and 60 each with a client, a message, its echo and so a
 * function's process. It must stop growing, as the figures that are printed show.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { DELETED_STACKS } from './cloudformation/cloudformation.ts';
import { memoryAfter } from './testing/deleted-stacks.ts';

const MEGABYTE = 1_000_000;

/** What may be added after as many stacks as are kept when they are deleted: the allocator's own unrest. */
const GROWTH_BYTES = 4 * MEGABYTE;

test('200 stacks, created and deleted, leave no more than 50 do', async (context) => {
  const counts = [0, DELETED_STACKS, 100, 150, 200];
  const bytes = await memoryAfter(counts);
  context.diagnostic(shown(counts, bytes));
  assert.ok(bytes.at(-1)! - bytes[1]! < GROWTH_BYTES, shown(counts, bytes));
});

test('stacks with traffic leave their metrics behind for three hours, in pages of a minute', async (context) => {
  const counts = [0, 20, 40, 60];
  const bytes = await memoryAfter(counts, async (url) => {
    const client = new WebSocket(url);
    await once(client, 'open');
    client.send('x');
    await once(client, 'message');
    client.close();
    await once(client, 'close');
  });
  context.diagnostic(shown(counts, bytes));
  assert.ok((bytes[3]! - bytes[1]!) / 40 < MEGABYTE, shown(counts, bytes));
});

function shown(counts: readonly number[], bytes: readonly number[]): string {
  return counts.map((count, at) => `${count} stacks: ${(bytes[at]! / MEGABYTE).toFixed(1)} MB`).join(', ');
}

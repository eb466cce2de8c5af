/** The limits of a connection hold at any reading of the clock: a deadline is compared as the sum that it was set to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../../../bench/sim/virtual-clock.ts';
import { GatewayConnection } from './connection.ts';

/** Opens a connection at `openedMs` with traffic at `touchedMs`, and answers when it was closed for being idle. */
async function closedMs(openedMs: number, touchedMs: number, idleMs: number): Promise<number> {
  const clock = new VirtualClock();
  const facts = {} as GatewayConnection['facts'];
  const none = () => 0;
  const closed = new Promise<number>((resolve) => {
    clock.at(openedMs, () => {
      const connection = new GatewayConnection({
        facts,
        socket: {
          sendText: () => {},
          close: () => resolve(clock.now()),
          backlogBytes: none,
          pause: () => {},
          resume: () => {},
        },
        terms: {
          clock,
          dispatch: 'serial',
          idleMs,
          lifetimeMs: 2 * 3_600_000,
          delays: { clientToGateway: none, processing: none, gatewayToClient: none },
          admit: () => true,
          process: () => Promise.resolve(),
          ended: () => {},
          drained: () => {},
        },
      });
      clock.at(touchedMs, () => connection.touched());
    });
  });
  return clock.runUntil(closed, { standstillTurns: 20 });
}

test('an idle connection ends at its limit, whatever fractions its times have', async () => {
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  const time = fc.tuple(fc.integer({ min: 0, max: 2 ** 33 }), fraction);
  await fc.assert(
    fc.asyncProperty(time, fraction, fraction, async ([whole, part], touched, idle) => {
      const openedMs = whole + part;
      const touchedMs = openedMs + touched;
      assert.equal(await closedMs(openedMs, touchedMs, 600_000 + idle), touchedMs + (600_000 + idle));
    }),
    { numRuns: 300 },
  );
});

/** Reconnect, churn and source addresses on real sockets, against a server that cuts connections and counts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { seededRandom } from '../measure/random.ts';
import { Rollup } from '../measure/rollup.ts';
import { systemClock } from '../node/clock.ts';
import { wsDialer } from '../node/dialer.ts';
import { planWith } from '../sim/testing/plan.ts';
import { Ensemble } from './run.ts';
import { ShareDriver } from './share-driver.ts';

/** Linux has all of 127.0.0.0/8. */
const ADDRESSES = process.platform === 'linux' ? ['127.0.0.2', '127.0.0.3'] : ['127.0.0.1'];

test('cut connections come back, churned ones are replaced, from each address, and the server counted the same', async () => {
  const tally = { connections: 0, cut: 0, received: 0, echoed: 0, from: new Set<string>() };
  const random = seededRandom(11);
  const serve = (socket: WebSocket): void => {
    socket.on('message', (data) => {
      tally.received++;
      if (random.next() < 0.03) {
        tally.cut++;
        socket.terminate();
      } else {
        tally.echoed++;
        socket.send(data as Buffer, { binary: false });
      }
    });
  };
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket, request) => {
    tally.connections++;
    tally.from.add(request.socket.remoteAddress!);
    serve(socket);
  });
  await once(server, 'listening');
  const plan = planWith({
    ...{ connections: 40, reconnect: true, churnPerSecond: 20, threads: 2 },
    ...{ warmupMs: 0, durationMs: 1500, drainMs: 300 },
    load: { kind: 'open', ratePerSecond: 500, arrival: 'constant' },
  });
  const rollup = new Rollup();
  const drivers = [0, 1].map(
    (index) =>
      new ShareDriver({
        assignment: {
          ...{ plan, share: { index, of: 2 }, runId: '0123456789abcdef', headers: {} },
          url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
        },
        clock: systemClock,
        dialer: wsDialer({ localAddresses: ADDRESSES }),
        listener: (event) => rollup.add(event),
        health: null,
      }),
  );
  const ensemble = new Ensemble(drivers);
  await ensemble.open();
  await ensemble.drive(systemClock.epochAt(systemClock.now() + 50));
  server.close();
  for (const socket of server.clients) socket.terminate();
  rollup.close();
  const { connections, measured, failures, histograms } = rollup;
  assert.equal(histograms.connect.totalCount, tally.connections);
  assert.equal(connections.opened, 40);
  assert.ok(connections.reconnects > 3, `${connections.reconnects} reconnects`);
  // How many of the thirty turns end within the run is the machine's doing; churn.test.ts counts them on virtual time.
  const turns = connections.churned + connections.churnMissed;
  assert.ok(turns > 10 && turns <= 30, `${turns} turns of churn`);
  assert.ok(connections.reopened > 5, `${connections.reopened} reopened`);
  assert.equal(failures.CLOSE_1006, connections.closedEarly);
  // One that is cut just as churn closes it counts as churned.
  const unseen = tally.cut - connections.closedEarly;
  assert.ok(unseen >= 0 && unseen <= 2, `${tally.cut} cut, ${connections.closedEarly} seen`);
  assert.deepEqual([...tally.from].sort(), ADDRESSES);
  assert.deepEqual([measured.scheduled, measured.lost], [750, 0]);
  assert.ok(measured.sent >= tally.received && measured.delivered <= tally.echoed, 'no message of nowhere');
  assert.ok(measured.indeterminate >= tally.cut, 'what cut them was never answered');
});

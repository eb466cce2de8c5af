/**
 * One subject of the driver's benchmark, as a process of its own: opens connections, keeps one message in flight on each,
 * and tells when its measured time begins and ends, what came back in it, and what it cost. `ours` is the product's share
 * driver with everything it tracks; the others are in `rivals.ts`. All send {@link PAYLOAD_BYTES} and wait for the echo.
 */

import { ShareDriver } from '../../bench/drive/share-driver.ts';
import { Recorder } from '../../bench/measure/recorder.ts';
import { systemClock } from '../../bench/node/clock.ts';
import { type DialerOptions, wsDialer } from '../../bench/node/dialer.ts';
import type { ShareListener } from '../../bench/ports.ts';
import { planWith } from '../../bench/sim/testing/plan.ts';
import { jsonWs, type Loop, plainWs, rawNet } from './rivals.ts';
import { PAYLOAD_BYTES, type SubjectTask, Window } from './window.ts';

/** Longer than is measured: closing the connections is no part of it. */
const AFTERWARDS_MS = 5_000;

/** Connections that are opened first, so that what a process needs once is not counted as a connection's. */
const FIRST_CONNECTIONS = 500;

/** Opened per second when memory is measured: connecting all at once leaves garbage that stays resident. */
const QUIET_CONNECT_RATE = 2_500;

const RECORDS = 3_000_000;

/** The driver as it comes, with the key zero in its masks, and with the frames left to `ws`. */
const DIALERS: Partial<Record<SubjectTask['subject'], DialerOptions>> = {
  'ours-zero': { masking: 'zero' },
  'ours-ws': { frames: 'ws' },
};

const task = JSON.parse(process.argv[2]!) as SubjectTask;
const url = `ws://127.0.0.1:${task.port}/`;
const window = new Window();

function driverOf(connections: number, connectRatePerSecond: number, listener: ShareListener): ShareDriver {
  const plan = planWith({
    stage: url,
    connections,
    connectRatePerSecond,
    load: { kind: 'closed', inFlight: 1 },
    warmupMs: task.warmupMs,
    durationMs: task.measuredMs + AFTERWARDS_MS,
    drainMs: 0,
    payloadBytes: PAYLOAD_BYTES,
  });
  return new ShareDriver({
    assignment: { plan, share: { index: 0, of: 1 }, url, runId: '0123456789abcdef', headers: {} },
    clock: systemClock,
    dialer: wsDialer(DIALERS[task.subject]),
    health: null,
    listener,
  });
}

async function driveOurs(): Promise<void> {
  let delivered = 0;
  let begun = false;
  const driver = driverOf(task.connections, 1_000_000, (event) => {
    if (event.kind !== 'second') return;
    delivered += event.warmup.delivered + event.measured.delivered;
    if (Object.keys(event.unexpected).length > 0) throw new Error('unexpected arrivals');
    // Reports are made at whole seconds from the end of the warm-up, and count exactly what came until then.
    if (begun && event.second >= task.measuredMs / 1000 - 1) window.end(delivered);
    if (!begun) window.begin(delivered);
    begun = true;
  });
  await driver.open();
  window.opened();
  await driver.drive(systemClock.epochAt(systemClock.now()));
}

async function drive(loop: Loop): Promise<void> {
  await loop.open();
  window.opened();
  loop.start();
  setTimeout(() => {
    window.begin(loop.count);
    setTimeout(() => window.end(loop.count), task.measuredMs);
  }, task.warmupMs);
}

/** Opens tracked connections that then do nothing. */
async function idle(): Promise<void> {
  const held = [driverOf(FIRST_CONNECTIONS, QUIET_CONNECT_RATE, () => {})];
  await held[0]!.open();
  const own = new Window();
  held.push(driverOf(task.connections, QUIET_CONNECT_RATE, () => {}));
  await held[1]!.open();
  own.opened();
  own.begin(0);
  own.end(task.connections);
}

/** Records times as the driver does, one after the other; the outcome's messages are records. */
function record(): void {
  const recorder = new Recorder({ violationLimit: 0 });
  const run = () => {
    for (let index = 0; index < RECORDS; index++) recorder.time('service', (index & 0xffff) / 100);
  };
  run();
  window.begin(0);
  run();
  window.end(RECORDS);
}

const SUBJECTS: Readonly<Record<SubjectTask['subject'], () => void | Promise<void>>> = {
  ours: driveOurs,
  'ours-zero': driveOurs,
  'ours-ws': driveOurs,
  ws: () => drive(plainWs(task)),
  'ws-json-hdr': () => drive(jsonWs(task)),
  net: () => drive(rawNet(task)),
  idle,
  record,
};

await SUBJECTS[task.subject]();

/** The program of a calibration: a thread like a driver's, so that what is measured is what will drive. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Plan } from '../core/plan.ts';
import { calibrate } from '../drive/calibrate.ts';
import { systemClock } from '../edge/clock.ts';
import { wsDialer } from '../edge/dialer.ts';
import { clientTls } from '../edge/loopback-tls.mjs';
import { pacingOf } from '../edge/pacing.ts';

const { plan, url, tlsKey } = workerData as {
  readonly plan: Plan;
  readonly url: string;
  readonly tlsKey: string | null;
};
const { newPacer, inForce } = pacingOf(plan.pacing);
const dialer = wsDialer({}, [], tlsKey === null ? {} : clientTls(tlsKey));
parentPort!.postMessage(await calibrate({ plan, url, clock: systemClock, dialer, newPacer, inForce }));

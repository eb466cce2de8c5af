/** The program of a calibration: a thread like a driver's, so that what is measured is what will drive. */
import { parentPort, workerData } from 'node:worker_threads';
import { calibrate } from '../drive/calibrate.ts';
import type { Plan } from '../model/plan.ts';
import { systemClock } from '../node/clock.ts';
import { wsDialer } from '../node/dialer.ts';
import { clientTls } from '../node/loopback-tls.mjs';
import { pacingOf } from '../node/pacing.ts';

const { plan, url, tlsKey } = workerData as {
  readonly plan: Plan;
  readonly url: string;
  readonly tlsKey: string | null;
};
const { newPacer, inForce } = pacingOf(plan.pacing);
const dialer = wsDialer({ masking: plan.masking, ...(tlsKey !== null && { tls: clientTls(tlsKey) }) });
parentPort!.postMessage(await calibrate({ plan, url, clock: systemClock, dialer, newPacer, inForce }));

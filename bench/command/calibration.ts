/**
 * Calibrates the driver for a plan, before there is a stage that it could disturb: in a thread of its own, against an echo
 * process of its own, both gone afterwards. A machine that can't be calibrated can still run, so a failure is told and
 * costs the run nothing but the figures.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker as NodeThread } from 'node:worker_threads';
import { isLocalEndpoint } from '../../stack/aws/clients.ts';
import { NothingMeasured } from '../drive/probe-stage.ts';
import { ceilingNotice } from '../judge/driver-validity.ts';
import type { Plan } from '../model/plan.ts';
import type { Calibration, Transport } from '../model/result.ts';
import { isUrl } from '../model/stage-name.ts';
import { startEchoProcess } from '../node/echo-process.ts';

const PROGRAM = new URL('./calibration-thread-entry.mjs', import.meta.url);

/** A calibration that takes longer has lost its machine to something else, and its figures would say so of the driver. */
const PATIENCE_MS = 10_000;

/** How the plan's stage is reached: a stack by TLS, unless its account is on this machine. */
export function transportOf({ stage }: Pick<Plan, 'stage'>): Transport {
  const isSecure = isUrl(stage) ? /^wss:/i.test(stage) : stage !== 'local' && !isLocalEndpoint();
  return isSecure ? 'tls' : 'tcp';
}

/** The calibration, or why there is none, as a clause. Rejects with {@link NothingMeasured} when interrupted. */
export async function calibrationFor(plan: Plan, interrupted?: AbortSignal): Promise<Calibration | string> {
  try {
    return await calibrated(plan, interrupted);
  } catch (error) {
    if (interrupted?.aborted) throw new NothingMeasured('interrupted before anything was measured');
    return `this machine could not be calibrated: ${(error as Error).message}`;
  }
}

async function calibrated(plan: Plan, interrupted?: AbortSignal): Promise<Calibration> {
  const transport = transportOf(plan);
  const echo = await startEchoProcess(interrupted, transport);
  const { url, tlsKey } = echo;
  const thread = new NodeThread(PROGRAM, { workerData: { plan, url, tlsKey } });
  try {
    const limit = AbortSignal.timeout(PATIENCE_MS);
    const signal = interrupted === undefined ? limit : AbortSignal.any([limit, interrupted]);
    const [answer] = await once(thread, 'message', { signal });
    return { transport, ...(answer as Calibration), cores: availableParallelism() };
  } finally {
    await Promise.all([thread.terminate(), echo.close()]);
  }
}

/** The calibration before there is a stage, since neither may disturb the other, with what is to be said of it. */
export async function saidCalibration(
  plan: Plan,
  say: (line: string) => void,
  interrupted: AbortSignal,
): Promise<Calibration | undefined> {
  const calibration = await calibrationFor(plan, interrupted);
  if (typeof calibration === 'string') {
    say(`warning: ${calibration}`);
    return undefined;
  }
  say(`this machine: ${calibrationText(calibration)}`);
  const notice = ceilingNotice(plan, calibration);
  if (notice !== null) say(`warning: ${notice}`);
  if (calibration.pacing !== plan.pacing)
    say(`warning: ${plan.pacing} can't be had on this machine; a ${calibration.pacing} paces the messages`);
  return calibration;
}

/** A calibration in a line, for a terminal. */
export function calibrationText(calibration: Calibration): string {
  const { pacing, timerLagP50Ms, timerLagP99Ms, loopFloorMs } = calibration;
  const ms = (value: number): string => value.toFixed(2);
  return (
    `${pacing} sends ${ms(timerLagP50Ms)} ms late (p99 ${ms(timerLagP99Ms)}), ` +
    `a round trip takes ${ms(loopFloorMs.p50)} ms at least (p99 ${ms(loopFloorMs.p99)}), ` +
    ceilingText(calibration)
  );
}

/** Of that, what a thread can do at most. */
export function ceilingText({ ceilingPerSecond, transport }: Calibration): string {
  return `one thread drives up to ${ceilingPerSecond} messages/s${transport === 'tls' ? ' over TLS' : ''}`;
}

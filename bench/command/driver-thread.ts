/** The program of a driver thread: a share driver on real time and real sockets, commanded by messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { ShareDriver } from '../drive/share-driver.ts';
import { inTurnFrom, machineAddresses, sourceAddresses } from '../edge/addresses.ts';
import { systemClock } from '../edge/clock.ts';
import { wsDialer } from '../edge/dialer.ts';
import { watchHealth } from '../edge/health.ts';
import { pacingOf } from '../edge/pacing.ts';
import type { ThreadCommand, ThreadMessage } from '../edge/thread.ts';
import type { Assignment } from '../ports.ts';

const port = parentPort!;
const assignment = workerData as Assignment;
const { plan, share, url, headers } = assignment;
const tell = (message: ThreadMessage): void => port.postMessage(message);

const pacing = pacingOf(plan.pacing);

const driver = new ShareDriver({
  assignment,
  clock: systemClock,
  dialer: wsDialer(headers, inTurnFrom(sourceAddresses(plan, url, machineAddresses()), share.index)),
  listener: (event) => tell({ kind: 'event', event }),
  health: watchHealth(pacing.inForce),
  newPacer: pacing.newPacer,
});

async function obey(command: ThreadCommand): Promise<void> {
  if (command.kind === 'interrupt') {
    driver.interrupt();
    return;
  }
  if (command.kind === 'open') await driver.open();
  else await driver.drive(command.startEpochMs);
  tell({ kind: 'done', command: command.kind });
}

port.on('message', (command: ThreadCommand) => {
  void obey(command);
});

/** The program of a driver thread: a share driver on real time and real sockets, commanded by messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { ShareDriver } from '../drive/share-driver.ts';
import { inTurnFrom, machineAddresses, sourceAddresses } from '../node/addresses.ts';
import { systemClock } from '../node/clock.ts';
import { wsDialer } from '../node/dialer.ts';
import { watchHealth } from '../node/health.ts';
import { pacingOf } from '../node/pacing.ts';
import type { ThreadCommand, ThreadMessage } from '../node/thread.ts';
import type { Assignment } from '../ports.ts';

const port = parentPort!;
const assignment = workerData as Assignment;
const { plan, share, url, headers } = assignment;
const tell = (message: ThreadMessage): void => port.postMessage(message);

const pacing = pacingOf(plan.pacing);

const driver = new ShareDriver({
  assignment,
  clock: systemClock,
  dialer: wsDialer({
    headers,
    localAddresses: inTurnFrom(sourceAddresses(plan, url, machineAddresses()), share.index),
    masking: plan.masking,
  }),
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

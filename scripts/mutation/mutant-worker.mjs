// Puts ledgers to the property of their twin, one after the other. Everything is JavaScript by then.
// @ts-check
import { parentPort, workerData } from 'node:worker_threads';

const { assertAgreesWithTwin } = await import(workerData.property);

parentPort?.on('message', async ({ url, numRuns, seed }) => {
  try {
    const { StreamLedger } = await import(url);
    assertAgreesWithTwin(StreamLedger, { numRuns, seed, endOnFailure: true });
    parentPort?.postMessage('survived');
  } catch {
    parentPort?.postMessage('killed');
  }
});
parentPort?.postMessage('ready');

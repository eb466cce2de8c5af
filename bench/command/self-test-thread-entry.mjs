// Where the slow driver of the self-test begins: the program of a driver thread, and beside it a task that keeps the event
// loop busy, as a program does that is too slow for its load.
// @ts-check
import { register } from 'tsx/esm/api';

const BUSY_MS = 300;
const EVERY_MS = 400;

register();
await import('./driver-thread.ts');
setInterval(() => {
  for (const until = performance.now() + BUSY_MS; performance.now() < until; );
}, EVERY_MS);

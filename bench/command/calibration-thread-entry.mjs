// Where a calibration's thread begins. A worker thread does not inherit the TypeScript loader of the thread that started
// it, so it registers its own before the program proper is loaded.
// @ts-check
import { register } from 'tsx/esm/api';

register();
await import('./calibration-thread.ts');

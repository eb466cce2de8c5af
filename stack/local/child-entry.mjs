// Start of the local stage's process. A forked process does not inherit the loader of the one that forked it, so tsx
// is registered here before the TypeScript is loaded.
// @ts-check
import { register } from 'tsx/esm/api';

register();
await import('./serve.ts');

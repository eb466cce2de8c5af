#!/usr/bin/env node
// The `bench` executable. The product is TypeScript run as it is: tsx is registered in this process (no child
// process in between, so signals and exit codes are the command's own), then the command line takes over.
// @ts-check
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./cli.ts');
const { endWhenIdle } = await import('./node/terminal.ts');
await main(process.argv.slice(2));
endWhenIdle();

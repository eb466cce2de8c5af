// The process of warm-cli-fixture.ts: takes a command after the other from its parent, and answers with output and exit code.
// Output is collected in place of being written; settings of AWS are those of the command, as in a process of its own.
// @ts-check
import { register } from 'tsx/esm/api';

register();
const { main } = await import('../cli.ts');

const heard = { stdout: '', stderr: '' };
for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
  process[name].setMaxListeners(0);
  process[name].write = (/** @type {string | Uint8Array} */ chunk, /** @type {unknown[]} */ ...rest) => {
    heard[name] += Buffer.from(chunk).toString();
    for (const done of rest) if (typeof done === 'function') done();
    return true;
  };
}

/** @param {{ args: string[], environment: Record<string, string> }} command */
async function run({ args, environment }) {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, environment);
  Object.assign(heard, { stdout: '', stderr: '' });
  await main(args);
  process.send?.({ code: process.exitCode, ...heard });
}

process.on('message', (command) => void run(/** @type {Parameters<typeof run>[0]} */ (command)));
process.on('disconnect', () => process.exit());

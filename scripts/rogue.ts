/**
 * The driver's ledger against a server that misbehaves, for as long and as hard as one likes: what bench/rogue.e2e.test.ts
 * does in seconds. The server keeps an account of its own, and everything the driver counted has to equal it.
 *
 * Usage: npm run rogue -- [--rate N] [--connections N] [--duration 30s] [--threads N] [--seed S]
 * Exit code 0: every count is right. 1: one is not, or the run failed. 2: bad usage.
 */
import { bench, resultIn, temporaryDirectory } from '../bench/testing/cli.ts';
import { differences, startRogue, sumsOf } from '../bench/testing/rogue/proof.ts';
import { scriptArguments, wholeOf } from './script-arguments.ts';

/** A longer list tells nothing more. */
const MAX_SHOWN = 30;

const OPTIONS = {
  rate: { type: 'string', default: '5000' },
  connections: { type: 'string', default: '500' },
  duration: { type: 'string', default: '30s' },
  threads: { type: 'string', default: '1' },
  seed: { type: 'string', default: '1' },
} as const;

async function main(): Promise<number> {
  const { rate, connections, duration, threads, seed } = scriptArguments(OPTIONS).values;
  const directory = temporaryDirectory();
  const server = await startRogue(wholeOf('seed', seed, 0));
  try {
    const load = ['--rate', rate, '--connections', connections, '--duration', duration, '--threads', threads];
    const rest = ['--warmup', '0s', '--drain', '3s', '--connect-rate', '2000', '--out', directory.path];
    const { code, stderr } = await bench('run', '--stage', server.url, ...load, ...rest, '--quiet');
    if (code === 1 || code === 2) throw new Error(stderr);
    const tally = await server.stop();
    const found = differences(directory.path, resultIn(directory.path), tally);
    const lines = [
      `server did: ${JSON.stringify(tally.acts)}`,
      `its account: ${JSON.stringify(sumsOf(tally.streams))}`,
      ...found.slice(0, MAX_SHOWN),
      found.length === 0 ? 'the ledger equals it' : `${found.length} differences (seed ${seed})`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return found.length === 0 ? 0 : 1;
  } finally {
    server.stop().catch(() => {});
    directory.remove();
  }
}

process.exitCode = await main();

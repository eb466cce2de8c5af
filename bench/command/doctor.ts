/** `bench doctor`: checks whether this machine is fit for a run. */

import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import { counted } from '../model/counted.ts';
import { assertNone, Interrupted } from '../model/failure.ts';
import { openFileLimit } from '../node/machine.ts';
import { parsePlan } from '../node/plan-file.ts';
import { print } from '../node/terminal.ts';
import { calibrationFor, calibrationText, ceilingText } from './calibration.ts';
import { EXIT } from './exit.ts';
import { type Given, toggle } from './flags.ts';
import { listenForInterruption } from './interruption.ts';
import { selfTest } from './self-test.ts';

/** Default port of `bench stage local`. */
export const STAGE_PORT = 4566;

/** Connections of the example in the README's first steps: the least a useful machine can open. */
const USEFUL_CONNECTIONS = 5_000;
const MIN_NODE = [20, 19] as const;
/** A sender at rest that is later has no machine to itself. */
const TIMER_LAG_LIMIT_MS = 5;
const MIN_MEMORY_GIB = 2;
const GIB = 1024 ** 3;

interface Finding {
  readonly name: string;
  /** `note`: something optional is missing; `bad`: a run would fail or be untrustworthy. */
  readonly verdict: 'good' | 'note' | 'bad';
  readonly text: string;
}

export const DOCTOR_FLAGS = {
  selfTest: toggle('prove that a frozen server shows in the percentiles and that a slow driver is caught'),
};

/** Prints the findings; exit code 1 when one is bad. */
export async function doctorCommand({ flags, problems }: Given<typeof DOCTOR_FLAGS>): Promise<number> {
  assertNone(problems);
  const interruption = listenForInterruption();
  try {
    return await (flags.selfTest ? selfTest(print, interruption.signal) : examined(interruption.signal));
  } catch (error) {
    throw interruption.signal.aborted ? new Interrupted('Interrupted.') : error;
  } finally {
    interruption.dispose();
  }
}

async function examined(interrupted: AbortSignal): Promise<number> {
  const findings = [
    nodeVersion(),
    openFiles(),
    processors(),
    memory(),
    ...(await driverFindings(interrupted)),
    wallClock(),
    await loopbackPort(),
    browser(),
  ];
  const marks = { good: '✓', note: '–', bad: '✗' } as const;
  for (const { name, verdict, text } of findings) {
    print(`${marks[verdict]} ${name.padEnd(14)} ${text}`);
  }
  return findings.some(({ verdict }) => verdict === 'bad') ? EXIT.operation : EXIT.ok;
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  const text = good ? process.version : `${process.version}: at least ${MIN_NODE.join('.')} is needed`;
  return { name: 'node', verdict: good ? 'good' : 'bad', text };
}

function openFiles(): Finding {
  const limit = openFileLimit();
  const name = 'open files';
  if (limit === null)
    return { name, verdict: 'note', text: 'the limit can’t be read on this system; see ulimit -n' };
  if (limit >= USEFUL_CONNECTIONS)
    return { name, verdict: 'good', text: `limit ${limit}: about as many connections` };
  return {
    name,
    verdict: 'bad',
    text: `limit ${limit}: raise it, for example 'ulimit -n 65536', for more connections`,
  };
}

function processors(): Finding {
  const cpus = os.cpus().length;
  const busy = os.loadavg()[0]! / cpus;
  const text = `${counted(cpus, 'processor')}, load ${os.loadavg()[0]!.toFixed(2)}`;
  if (cpus < 2)
    return { name: 'processors', verdict: 'bad', text: `${text}: stage and driver need one each` };
  if (busy > 0.5)
    return { name: 'processors', verdict: 'note', text: `${text}: something else is using this machine` };
  return { name: 'processors', verdict: 'good', text };
}

function memory(): Finding {
  const free = os.freemem() / GIB;
  const good = free >= MIN_MEMORY_GIB;
  const text = `${free.toFixed(1)} GiB free${good ? '' : `: at least ${MIN_MEMORY_GIB} are advised`}`;
  return { name: 'memory', verdict: good ? 'good' : 'bad', text };
}

/** What the driver can do: one after the other, as each needs the machine. */
export async function driverFindings(interrupted: AbortSignal): Promise<readonly Finding[]> {
  return [await driver(interrupted), await driverOverTls(interrupted)];
}

/** Its own calibration for the default plan. */
async function driver(interrupted: AbortSignal): Promise<Finding> {
  const name = 'driver';
  const { plan } = parsePlan({}, {}, { environment: null });
  const calibration = await calibrationFor(plan, interrupted);
  if (typeof calibration === 'string') return { name, verdict: 'note', text: calibration };
  const text = calibrationText(calibration);
  if (calibration.timerLagP50Ms > TIMER_LAG_LIMIT_MS) return { name, verdict: 'bad', text };
  if (calibration.pacing === plan.pacing) return { name, verdict: 'good', text };
  return { name, verdict: 'note', text: `${text}; ${plan.pacing} can't be had here` };
}

/** The ceiling towards a stack, or a `wss:` address: the record layer of TLS takes a part of it. */
async function driverOverTls(interrupted: AbortSignal): Promise<Finding> {
  const name = 'driver, TLS';
  const { plan } = parsePlan({ stage: 'wss://stage' }, {}, { environment: null });
  const calibration = await calibrationFor(plan, interrupted);
  if (typeof calibration === 'string') return { name, verdict: 'note', text: calibration };
  return { name, verdict: 'good', text: ceilingText(calibration) };
}

/** The wall clock as the monotonic clock tells it against the wall clock itself: apart when it was set since the start. */
function wallClock(): Finding {
  const apart = Math.abs(performance.timeOrigin + performance.now() - Date.now());
  const good = apart < 100;
  const text = good
    ? 'monotonic and wall clock agree'
    : `monotonic and wall clock are ${apart.toFixed(0)} ms apart`;
  return { name: 'clock', verdict: good ? 'good' : 'bad', text };
}

function loopbackPort(): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer();
    const name = 'loopback port';
    server.once('error', (error: NodeJS.ErrnoException) => {
      const text = `${STAGE_PORT}: ${error.code}; give 'bench stage local' another one with --port`;
      resolve({ name, verdict: 'note', text });
    });
    server.listen(STAGE_PORT, '127.0.0.1', () => {
      server.close(() => resolve({ name, verdict: 'good', text: `${STAGE_PORT} is free on 127.0.0.1` }));
    });
  });
}

function browser(): Finding {
  const places = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];
  const found = places.find((place) => existsSync(place));
  const text = found ?? 'none found; only the report’s own browser tests need Chromium';
  return { name: 'browser', verdict: found === undefined ? 'note' : 'good', text };
}

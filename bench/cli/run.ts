/** `bench run`: its flags, which other verbs that run share, and what it is composed of. */
import type { Argv } from 'yargs';
import { summaryLines } from '../../reports/terminal.ts';
import { writeReports } from '../../reports/write.ts';
import { runCommand } from '../command/run.ts';
import { ARRIVALS, DISPATCHES, PACINGS, PROFILES } from '../core/plan.ts';
import { type Arguments, handle, lastOf, settingsOf } from './arguments.ts';

/** The default and what follows from the choice, where it is made. */
export const DISPATCH_HELP =
  `how the local gateway takes the messages of one connection: ${DISPATCHES.join(', ')} (default serial). ` +
  'serial keeps their order up to the stream and passes one message per integration latency; concurrent lets them ' +
  'overtake each other before the stream. AWS documents neither';

const PACING_HELP =
  `what wakes the driver when a message is due: ${PACINGS.join(', ')} (default metronome). timer is about 0.6 ms late and ` +
  'costs nothing; metronome about 0.1 ms, for a third of a core at 10,000 messages/s and little at hundreds; spin ' +
  'hardly at all, for a whole core per thread';

/** Flags of `bench run` but its plan. */
export function runOptions() {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  const list = (describe: string) => ({ type: 'string', array: true, nargs: 1, describe }) as const;
  return {
    stage: text("'local', the name or ARN of a stack, or the ws:// or wss:// URL of any server that echoes"),
    region: text('AWS region of the stack (default: that of the environment)'),
    connections: text('WebSocket connections'),
    'connect-rate': text(
      'connections opened per second, at most (API Gateway allows 500; default 500, on a stack 400)',
    ),
    reconnect: {
      type: 'boolean',
      describe: 'open a connection that failed, or that the stage closed, again as a new stream',
    },
    churn: text('connections closed and opened again per second, as new streams (default 0)'),
    'local-address': list(
      'address of this machine that connections come from; several are used in turn (A,B,C or repeated)',
    ),
    rate: text('messages per second over all connections (open loop)'),
    arrival: text(`spread of the messages: ${ARRIVALS.join(', ')}`),
    'in-flight': text('messages outstanding per connection (closed loop, instead of --rate)'),
    duration: text('length of the measured window, such as 30s or 5m'),
    warmup: text('driven before it and counted apart'),
    drain: text('wait for outstanding answers after it'),
    'payload-bytes': text('size of a message'),
    trace: { type: 'boolean', describe: 'ask the reference service for hop timestamps' },
    parameter: list('Key=Value: template parameter of the local stage'),
    template: text('CloudFormation template for the local stage'),
    profile: text(`latencies and quotas of the local stage: ${PROFILES.join(', ')}`),
    dispatch: text(DISPATCH_HELP),
    faults: text(
      'what is to go wrong on the local stage, and when: a YAML or JSON file, or a bundled one (lossy, reordering, recovery)',
    ),
    header: list("'Name: value' sent on connect; the value is never written anywhere"),
    threshold: list("such as 'latency.response.p99 < 250'; exit code 3 when one fails"),
    threads: text('threads of the driver'),
    pacing: text(PACING_HELP),
    seed: text('seed of everything that is left to chance'),
    name: text('name of the run'),
    metrics: {
      type: 'boolean',
      default: true,
      describe: "read the stage's metrics; --no-metrics leaves them out",
    },
    'metrics-wait': text(
      'how long after its last minute the metrics of a run on AWS are read (default 180s)',
    ),
    calibration: {
      type: 'boolean',
      default: true,
      describe: 'measure what the driver can do here first, about 2 s; --no-calibration leaves it out',
    },
    'max-cost': text('US dollars; a run on a stack that is estimated to cost more does not begin'),
    prices: text(
      'price table for the cost of the run (default stack/prices.json, list prices with their dates)',
    ),
    out: text(
      'run directory (default reports/runs/TIME-NAME-ID); one that holds something, or that another command is writing, is refused',
    ),
    quiet: {
      type: 'boolean',
      default: false,
      describe: 'print where the report is, and a verdict when the exit code is not 0',
    },
    json: { type: 'boolean', default: false, describe: 'print result.json and nothing else' },
  } as const;
}

export function runVerbs(parser: Argv): Argv {
  return parser.command('run [plan]', 'one run: drive a stage, measure, report', runFlags, handle(runVerb));
}

function runFlags(parser: Argv): Argv {
  return parser
    .positional('plan', {
      type: 'string',
      default: 'quick',
      describe: 'bundled plan (quick, bursty, closed-loop) or a YAML or JSON file',
    })
    .options(runOptions())
    .example('$0 run --connections 5000 --rate 1000', 'the local stage, harder')
    .example('$0 run --stage my-stack --region eu-west-1 --max-cost 1', 'a deployed stack, with its metrics')
    .example('$0 run --stage wss://… --rate 200 --duration 5m', 'any echo service');
}

function runVerb(argv: Arguments): Promise<number> {
  return runCommand(
    {
      plan: argv.plan as string,
      settings: settingsOf(argv),
      options: {
        metrics: lastOf(argv.metrics) !== false,
        metricsWait: lastOf(argv['metrics-wait']) as string | undefined,
        maxCost: lastOf(argv['max-cost']) as string | undefined,
        calibration: lastOf(argv.calibration) !== false,
        prices: lastOf(argv.prices) as string | undefined,
      },
      out: lastOf(argv.out) as string | undefined,
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    { write: writeReports, summary: summaryLines },
  );
}

/** `bench claims`: its flags, and what it is composed of. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Argv } from 'yargs';
import { claimLine, claimsDocument } from '../../reports/claims/document.ts';
import { runDifferences } from '../../reports/claims/phases.ts';
import { renderTerminal } from '../../reports/document/terminal.ts';
import { writeSavedReports } from '../../reports/saved-reports.ts';
import { parseResult } from '../../reports/schema.ts';
import { writeReports } from '../../reports/write.ts';
import { claimsCommand } from '../command/claims.ts';
import { DEFAULT_CLAIM_SLOS } from '../judge/claims/latency.ts';
import { seededRandom } from '../measure/random.ts';
import { CLAIM_IDS, type Difference, type TimelineMark } from '../model/claim.ts';
import { type Arguments, handle, lastOf } from './arguments.ts';

export function claimsVerbs(parser: Argv): Argv {
  return parser.command(
    'claims',
    'five experiments on the claims of the architecture, each with evidence and a verdict',
    claimsFlags,
    handle(claimsVerb),
  );
}

function claimsFlags(parser: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  return parser
    .options({
      stage: text("'local', or the name or ARN of a stack deployed with --parameter FaultInjection=true"),
      region: text('AWS region of the stack (default: that of the environment)'),
      only: text(`claims to try, with commas between: ${CLAIM_IDS.join(', ')} (default: all)`),
      slo: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: `what low latency means, as a --threshold of run (default: '${DEFAULT_CLAIM_SLOS.join("' and '")}')`,
      },
      quick: {
        type: 'boolean',
        default: false,
        describe: 'runs of seconds, to try it out: most answers will be "not shown"',
      },
      seed: text('seed of everything that is left to chance'),
      'max-cost': text('US dollars; experiments on a stack that are estimated to cost more do not begin'),
      out: text('new or empty directory (default reports/runs/TIME-claims-ID)'),
      quiet: {
        type: 'boolean',
        default: false,
        describe: 'print where the report is, and a verdict when the exit code is not 0',
      },
      json: { type: 'boolean', default: false, describe: 'print claims.json and nothing else' },
    })
    .example('$0 claims', 'all five on the local stage, in under five minutes')
    .example('$0 claims --stage my-stack --only ordered,low-latency', 'two of them on AWS');
}

function claimsVerb(argv: Arguments): Promise<number> {
  const given = (name: string) => lastOf(argv[name]) as string | undefined;
  return claimsCommand(
    {
      flags: {
        stage: given('stage'),
        region: given('region'),
        only: given('only'),
        slo: argv.slo as string[] | undefined,
        seed: given('seed'),
        maxCost: given('max-cost'),
        quick: argv.quick === true,
      },
      out: given('out'),
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    {
      writeRun: writeReports,
      writeClaims: (directory) => writeSavedReports('claims.json', directory),
      differences,
      claimLine,
      summary: (result, options) => renderTerminal(claimsDocument(result), options),
    },
  );
}

/** Chance of the intervals is the run's: the same directory gives the same figures. */
function differences(
  directory: string,
  stretches: readonly TimelineMark[],
): Promise<readonly Difference[] | null> {
  const { plan, latency } = parseResult(readFileSync(path.join(directory, 'result.json'), 'utf8'));
  return runDifferences(directory, {
    stretches,
    measuredSeconds: plan.durationMs / 1000,
    times: latency.response.count,
    chance: seededRandom(plan.seed),
  });
}

/** `bench claims`: its flags, and what it is composed of. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { claimLine, claimsDocument } from '../../reports/claims/document.ts';
import { runDifferences } from '../../reports/claims/phases.ts';
import { renderTerminal } from '../../reports/document/terminal.ts';
import { writeSavedReports } from '../../reports/saved-reports.ts';
import { parseResult } from '../../reports/schema.ts';
import { writeReports } from '../../reports/write.ts';
import { claimsCommand } from '../command/claims.ts';
import { CLAIMS_FLAGS } from '../command/claims-options.ts';
import { seededRandom } from '../measure/random.ts';
import type { Difference, TimelineMark } from '../model/claim.ts';
import { type Verb, verb } from './verb.ts';

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

export const verbs: readonly Verb[] = [
  verb({
    usage: 'claims',
    help: 'five experiments on the claims of the architecture, each with evidence and a verdict',
    flags: CLAIMS_FLAGS,
    examples: [
      ['claims', 'all five on the local stage, in under five minutes'],
      ['claims --stage my-stack --only ordered,low-latency', 'two of them on AWS'],
    ],
    run: (given) =>
      claimsCommand(given, {
        writeRun: writeReports,
        writeClaims: (directory) => writeSavedReports('claims.json', directory),
        differences,
        claimLine,
        summary: (result, options) => renderTerminal(claimsDocument(result), options),
      }),
  }),
];

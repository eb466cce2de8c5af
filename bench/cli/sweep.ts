/** `bench sweep`: the settings of a run, and the flags of its grid. */
import { renderTerminal } from '../../reports/document/terminal.ts';
import { writeSavedReports } from '../../reports/saved-reports.ts';
import { sweepDocument } from '../../reports/sweep/document.ts';
import { parseSweepResult } from '../../reports/sweep/saved.ts';
import { runLine } from '../../reports/sweep/text.ts';
import { writeReports } from '../../reports/write.ts';
import { sweepCommand } from '../command/sweep.ts';
import { SWEEP_FLAGS } from '../command/sweep-options.ts';
import { ALL_SETTINGS } from './run.ts';
import { type Verb, verb } from './verb.ts';

export const verbs: readonly Verb[] = [
  verb({
    usage: 'sweep [plan]',
    help: 'a grid of settings × repeats, interleaved at random, resumable',
    words: 'as for run; it may say vary, repeats, goal and orderSeed too',
    settings: ALL_SETTINGS,
    flags: SWEEP_FLAGS,
    examples: [
      [
        "sweep quick --vary ShardCount=1,2 --vary BatchSize=16,100 --goal 'latency.response.p99 < 250'",
        'locally',
      ],
      ['sweep quick --vary ShardCount=1,4 --on aws --name demo --max-cost 5', 'on AWS, torn down afterwards'],
      ['sweep --resume reports/runs/DIRECTORY', 'after an interruption'],
    ],
    run: (given) =>
      sweepCommand(given, {
        writeRun: writeReports,
        writeSweep: (directory) => writeSavedReports('sweep.json', directory),
        parse: parseSweepResult,
        runLine,
        summary: (result, options) => renderTerminal(sweepDocument(result), options),
      }),
  }),
];

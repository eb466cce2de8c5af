/**
 * `bench report`: renders a run's reports again from its data. With --refresh-metrics the data is brought up to date
 * first: CloudWatch publishes late, and a run that did not wait, or could not read it, is completed days later. Only what
 * follows from metrics changes, the cost too; what the driver measured stays.
 */

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Account } from '../../stack/aws/account.ts';
import { withMetrics } from '../judge/refresh.ts';
import { assertNone, OperatingError } from '../model/failure.ts';
import type { RunResult, StagePipeline } from '../model/result.ts';
import { isStackStage } from '../model/stage-name.ts';
import { readTextFile, SAVED_FILE_BYTES, writeWholeFile } from '../node/bounded-file.ts';
import { systemClock } from '../node/clock.ts';
import { note, print } from '../node/terminal.ts';
import { EXIT } from './exit.ts';
import { flag, type Given, PRICES_FLAG, REGION, toggle, type Values } from './flags.ts';
import { pricingOf } from './pricing.ts';

/** CloudWatch keeps values of a minute for 15 days (GetMetricStatistics, Amazon CloudWatch API reference). */
const MINUTES_KEPT_MS = 15 * 24 * 3_600_000;

export const REPORT_FLAGS = {
  refreshMetrics: toggle(
    "read the metrics of a stack's run from CloudWatch again, which publishes them late",
  ),
  region: flag(REGION, 'region to ask (default: that of the run)'),
  ...PRICES_FLAG,
};

type ReportFlags = Values<typeof REPORT_FLAGS>;

/** What the command needs of the reports, given by the composition root. */
export interface ReportReporting {
  /** Parses result.json; its error says what is wrong. */
  parse(json: string): RunResult;
  write(directory: string): Promise<unknown>;
}

/** Renders, and answers the exit code. */
export async function reportCommand(
  { words, flags, problems }: Given<typeof REPORT_FLAGS>,
  reporting: ReportReporting,
): Promise<number> {
  const run = words[0]!;
  const directory = run.endsWith('result.json') ? path.dirname(run) : run;
  assertNone([...problemsOf(flags, directory), ...problems]);
  if (flags.refreshMetrics) await refresh(path.join(directory, 'result.json'), flags, reporting);
  try {
    await reporting.write(directory);
  } catch (error) {
    throw new OperatingError((error as Error).message);
  }
  print(`report: ${directory.replace(/\/$/, '')}/index.html`);
  return EXIT.ok;
}

function problemsOf({ region, prices, refreshMetrics }: ReportFlags, directory: string): string[] {
  const missing = existsSync(directory)
    ? []
    : [`run: ${directory} does not exist: name a directory that a command has written, or its result.json`];
  const unused = refreshMetrics
    ? []
    : [
        ...(region === null ? [] : ['region: only --refresh-metrics asks AWS anything']),
        ...(prices === null ? [] : ['prices: only --refresh-metrics works out the cost again']),
      ];
  const isRun = missing.length > 0 || existsSync(path.join(directory, 'result.json'));
  const whole =
    refreshMetrics && !isRun
      ? [
          `refresh-metrics: ${directory} has no result.json, so it is no run; the runs of a sweep or a search lie below it, and each is refreshed by itself`,
        ]
      : [];
  return [...missing, ...whole, ...unused];
}

async function refresh(
  place: string,
  { region, prices }: ReportFlags,
  reporting: ReportReporting,
): Promise<void> {
  const result = parsed(place, reporting);
  const { traffic, pipeline } = refreshable(result, systemClock.epochAt(systemClock.now()));
  const { openAccount, openAccountFor } = await import('../../stack/aws/account.ts');
  const { isLocalEndpoint } = await import('../../stack/aws/clients.ts');
  const { stackMetrics } = await import('../../stack/aws/stage-stack.ts');
  const { stackId, kind } = result.stage;
  if (isLocalEndpoint() !== (kind === 'local')) throw new OperatingError(elsewhere(result));
  const account =
    stackId === undefined
      ? await openAccount(region ?? result.stage.region)
      : (await openAccountFor(stackId, region)).account;
  const metrics = await stackMetrics({
    ...traffic,
    pipeline,
    account,
    reading: null,
    clock: systemClock,
    metricsWaitMs: null,
  });
  if (metrics.series.length === 0)
    throw new OperatingError(
      `CloudWatch has nothing of this run in ${account.region}: is that the region, and this the account, of stack '${result.stage.name}'? Nothing was changed.`,
    );
  const refreshed = withMetrics(result, metrics, traffic);
  const priced = await pricedAgain(refreshed, account, prices);
  try {
    writeWholeFile(place, `${JSON.stringify(priced, null, 2)}\n`);
  } catch (error) {
    throw new OperatingError(`${place} can't be written (${(error as Error).message}); nothing was changed`);
  }
}

/**
 * The cost counts measured invocations where there are any, so it follows the metrics. It needs the template that the run was
 * made on; where that is gone the earlier cost stays, which assumes what it could not know, and a warning says so.
 */
async function pricedAgain(
  result: RunResult,
  account: Account,
  pricesPath: string | null,
): Promise<RunResult> {
  const { findStack, templateTextOf } = await import('../../stack/aws/stack-description.ts');
  const stack = await findStack(account, result.stage.stackId ?? result.stage.name);
  const touchedAt = stack?.updatedAt ?? stack?.createdAt ?? '';
  const isSame = stack !== null && Date.parse(touchedAt) <= Date.parse(result.startedAt);
  const templateText = isSame ? await templateTextOf(account, stack.id) : null;
  if (templateText !== null) return pricingOf({ pricesPath, templateText })(result);
  const why =
    stack === null ? 'is gone' : isSame ? 'does not tell its template' : 'was changed since the run';
  note(`warning: the cost was not worked out again from these metrics: stack '${result.stage.name}' ${why}`);
  return result;
}

function parsed(place: string, reporting: ReportReporting): RunResult {
  try {
    return reporting.parse(readTextFile(place, SAVED_FILE_BYTES));
  } catch (error) {
    throw new OperatingError(`${place} can't be read: ${(error as Error).message}`);
  }
}

type Refreshable = Required<Pick<RunResult, 'traffic'>> & { readonly pipeline: StagePipeline };

/** What a later reading needs of a result. Throws an OperatingError where it has not got it. */
function refreshable({ plan, stage, traffic }: RunResult, nowEpochMs: number): Refreshable {
  const { pipeline } = stage;
  if (!isStackStage(plan)) {
    const what = plan.stage === 'local' ? 'a local stage that ended with it' : 'a bare URL';
    throw new OperatingError(`this run was against ${what}: there are no metrics to read again`);
  }
  if (traffic === undefined || pipeline === undefined)
    throw new OperatingError('this result is older than --refresh-metrics: it does not say what to ask for');
  if (nowEpochMs - traffic.startEpochMs > MINUTES_KEPT_MS)
    throw new OperatingError('CloudWatch keeps values of a minute for 15 days, and this run is older');
  return { traffic, pipeline };
}

function elsewhere({ stage }: RunResult): string {
  return stage.kind === 'local'
    ? 'this run was against a local stage, not AWS: set AWS_ENDPOINT_URL to its address, if it is still there'
    : 'this run was against AWS, and AWS_ENDPOINT_URL leads to this machine: unset it';
}

/** What of the checklist an account shows. It asks, sends one connection's messages to a stack that is ready, and changes nothing. */
import { randomBytes } from 'node:crypto';
import { ListStacksCommand, ValidateTemplateCommand } from '@aws-sdk/client-cloudformation';
import { ProbeError, probe } from '../../bench/drive/probe.ts';
import type { Plan } from '../../bench/model/plan.ts';
import { systemClock } from '../../bench/node/clock.ts';
import { wsDialer } from '../../bench/node/dialer.ts';
import { type Account, type Identity, identityOf, openAccount } from '../../stack/aws/account.ts';
import { makerOf } from '../../stack/aws/ownership.ts';
import { estimateRun } from '../../stack/aws/preflight.ts';
import { type AccountQuotas, accountQuotas } from '../../stack/aws/quotas.ts';
import { findStack, refusalOf, type StackDescription } from '../../stack/aws/stack-description.ts';
import { StageError } from '../../stack/aws/stage-error.ts';
import { openStackStage, type StackStage } from '../../stack/aws/stage-stack.ts';
import type { Template } from '../../stack/aws/template.ts';
import { partitionOf } from '../../stack/template/identity.ts';
import type { StepId } from './checklist.ts';

/** `open` is still to be done; what is neither is not known, or nothing that can be asked. */
export interface Finding {
  readonly state: 'done' | 'open' | 'failed' | 'unknown';
  readonly detail: string;
}

export type Findings = Readonly<Partial<Record<StepId, Finding>>>;

/** A stack that is ready echoes within a second; a cold start takes some more. */
const ECHO_WITHIN_MS = 20_000;

export interface Verified {
  /** Why nothing could be asked, a sentence; null where credentials were found. */
  readonly reason: string | null;
  readonly findings: Findings;
}

export interface Asked {
  readonly name: string;
  readonly region: string | null;
  readonly template: Template;
  readonly plan: Plan;
}

const done = (detail: string): Finding => ({ state: 'done', detail });
const open = (detail: string): Finding => ({ state: 'open', detail });
const failed = (detail: string): Finding => ({ state: 'failed', detail });
const unknown = (detail: string): Finding => ({ state: 'unknown', detail });

/** Verifies what can be. Without credentials, or a region, nothing can. */
export async function verified(asked: Asked): Promise<Verified> {
  try {
    const account = await openAccount(asked.region);
    const identity = await identityOf(account);
    return { reason: null, findings: await findingsOf(asked, account, identity) };
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    const isAbsent = /^no AWS (credentials|region)\b/.test(error.message);
    if (isAbsent) return { reason: error.message, findings: {} };
    return { reason: null, findings: { credentials: failed(error.message) } };
  }
}

async function findingsOf(asked: Asked, account: Account, identity: Identity): Promise<Findings> {
  const quotas = await accountQuotas(account);
  const instead = identity.endpoint === null ? '' : `, at ${identity.endpoint} instead of AWS`;
  return {
    credentials: done(`account ${identity.account} as ${identity.arn}${instead}`),
    region: done(`${account.region}, partition ${partitionOf(account.region).partition}`),
    permissions: await permissions(asked, account, quotas),
    'gateway-logs': gatewayLogs(asked.template),
    quotas: quotaFinding(asked, account, quotas),
    ...(await stackFindings(asked, account)),
  };
}

async function permissions({ template }: Asked, account: Account, quotas: AccountQuotas): Promise<Finding> {
  const asked = [
    account.cloudFormation.send(new ValidateTemplateCommand({ TemplateBody: template.text })),
    account.cloudFormation.send(new ListStacksCommand({})),
  ];
  const refused = (await Promise.allSettled(asked)).flatMap((answer) =>
    answer.status === 'rejected' ? [(answer.reason as Error).message] : [],
  );
  if (refused.length > 0) return failed(refused.join('; '));
  const tried = 'the template is valid, and stacks may be looked at';
  return done(quotas.note === null ? tried : `${tried}; quotas may not be asked, which is no obstacle`);
}

/** Of the template alone: nothing here asks API Gateway. */
function gatewayLogs(template: Template): Finding {
  const stages = Object.values(template.resources).map((resource) => JSON.stringify(resource));
  const isLogging = stages.some(
    (text) => /"LoggingLevel":"(?!OFF")/.test(text) || text.includes('"AccessLogSettings"'),
  );
  return isLogging
    ? unknown('the template’s stage writes logs: see with the command whether the account has the role')
    : done('not needed: the template’s stage writes no logs');
}

function quotaFinding({ plan, template }: Asked, { region }: Account, quotas: AccountQuotas): Finding {
  const { warnings } = estimateRun({ region, plan, parameters: {}, templateText: template.text, quotas });
  if (warnings.length > 0) return failed(warnings.join('; '));
  const { connectsPerSecond, requestsPerSecond, executions } = quotas;
  const figures = [connectsPerSecond, requestsPerSecond, executions].map(({ value }) =>
    value.toLocaleString('en-US'),
  );
  const [connects, requests, functions] = figures;
  const fits = `the plan fits: ${connects} new connections/s, ${requests} requests/s, ${functions} functions at once`;
  return quotas.note === null ? done(fits) : unknown(`${fits}; ${quotas.note}`);
}

async function stackFindings({ name, region }: Asked, account: Account): Promise<Findings> {
  const stack = await findStack(account, name);
  if (stack === null) return goneFindings(name, account);
  const maker = await makerOf(account, stack);
  if (maker === null)
    return {
      name: failed(`${name} (${stack.status}) was not made by this tool: take another name with --name`),
    };
  const free = { name: done(`${name} is this tool's own, of version ${maker}`) };
  const refusal = refusalOf(stack);
  if (refusal !== null) return { ...free, deploy: failed(refusal), teardown: standing(stack) };
  const deploy = done(`${name} is ${stack.status}`);
  return { ...free, deploy, ...(await drivenFindings(name, region)), teardown: standing(stack) };
}

function standing({ createdAt }: StackDescription): Finding {
  return open(`it stands since ${createdAt ?? 'an unknown time'}, and costs until it is gone`);
}

/** Deleted stacks are listed for 90 days. */
async function goneFindings(name: string, account: Account): Promise<Findings> {
  const free = { name: done(`no stack is named ${name}`), deploy: open('there is no stack yet') };
  const listing = new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] });
  const asking = account.cloudFormation.send(listing);
  const { StackSummaries = [] } = await asking.catch(() => ({ StackSummaries: [] }));
  const last = StackSummaries.find(({ StackName }) => StackName === name);
  if (last === undefined) return free;
  const gone = `${last.StackId} is gone since ${last.DeletionTime?.toISOString() ?? 'an unknown time'}`;
  return { ...free, teardown: done(gone) };
}

async function drivenFindings(name: string, region: string | null): Promise<Findings> {
  try {
    const stage = await openStackStage({ name, region, clock: systemClock, metricsWaitMs: null });
    const state = await stage.readiness?.ask();
    if (state?.waitFor) {
      const { what, forMs } = state.waitFor;
      return { ready: open(`${what}${forMs === null ? '' : `; ${Math.ceil(forMs / 1000)} s are left`}`) };
    }
    return { ready: done('its mappings read'), echo: await echo(stage) };
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    return { ready: failed(error.message) };
  }
}

async function echo({ facts: { url } }: StackStage): Promise<Finding> {
  if (url === null) return failed('none of its outputs is the address of a WebSocket API');
  const startMs = performance.now();
  try {
    const runId = randomBytes(8).toString('hex');
    const asking = { url, dialer: wsDialer(), clock: systemClock, runId, echo: true };
    await probe({ ...asking, echoWithinMs: ECHO_WITHIN_MS });
    return done(`an echo came after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return failed(error.message);
  }
}

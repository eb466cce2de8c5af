/**
 * `bench claims`: five experiments on the claims of the architecture, each with its evidence and a verdict, in one report. What
 * there is so far is saved after every experiment, so an interruption costs the one that it met. A verdict is an answer, not
 * a failure: it never decides the exit code.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { NothingMeasured } from '../drive/probe-stage.ts';
import { experimentOf } from '../judge/claims/definitions.ts';
import { RUN_KEYS, type RunKey, type RunSettings, runSpec } from '../judge/claims/runs.ts';
import {
  type ClaimId,
  type ClaimResult,
  type ClaimsResult,
  type Difference,
  sentenceOf,
  type TimelineMark,
  verdictOf,
} from '../model/claim.ts';
import { Interrupted, OperatingError } from '../model/failure.ts';
import type { StageFacts } from '../model/result.ts';
import { writeWholeFile } from '../node/bounded-file.ts';
import { environmentOf, PACKAGE_ROOT } from '../node/machine.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { note } from '../node/terminal.ts';
import { EXPERIMENTS, type Lab, type Made, NOT_INJECTABLE } from './claims-experiments.ts';
import { type CLAIMS_FLAGS, type ClaimsOptions, parseClaims } from './claims-options.ts';
import { CATCH_UP_AWS_MS, ClaimRuns, RunInterrupted } from './claims-runs.ts';
import { integrationOf } from './claims-template.ts';
import { type Place, type SummaryOf, sayClosing } from './closing.ts';
import { EXIT } from './exit.ts';
import type { Given, Values } from './flags.ts';
import { listenForInterruption } from './interruption.ts';
import { checkSocketLimits } from './socket-limits.ts';
import { stackNotice } from './stack-notice.ts';
import { type OpenStage, openStage } from './stage.ts';

/** What the command needs of the reports, given by the composition root. */
export interface ClaimsReporting {
  /** Renders every format of a run's directory into it. */
  writeRun(directory: string): Promise<unknown>;
  /** Renders every format of the claims' directory into it. */
  writeClaims(directory: string): Promise<unknown>;
  /** Percentiles of a run's seconds inside the stretches against those outside, from its latency.hlog. */
  differences(directory: string, stretches: readonly TimelineMark[]): Promise<readonly Difference[] | null>;
  /** One line of an experiment that is over. */
  claimLine(claim: ClaimResult): string;
  readonly summary: SummaryOf<ClaimsResult>;
}

/** Makes the experiments and answers the exit code. */
export async function claimsCommand(
  given: Given<typeof CLAIMS_FLAGS>,
  reporting: ClaimsReporting,
): Promise<number> {
  const options = parseClaims(given);
  const { flags } = given;
  checkSocketLimits(runSpec('steady', settingsOf(options)).plan);
  const startedAtMs = Date.now();
  const id = runIdOf('claims', startedAtMs);
  const directory = new RunDirectory(flags.out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', id));
  const interruption = listenForInterruption();
  const claims = new Claims({ flags, options, id, startedAtMs, directory, reporting });
  try {
    const result = await claims.go(interruption.signal);
    if (result.claims.every(({ runs, state }) => runs.length === 0 && state === 'interrupted'))
      throw new Interrupted('Interrupted before an experiment was over; nothing was judged.');
    await claims.save(result, true);
    const code = exitCodeOf(result);
    sayClosing(flags, result, claims.placeOf(directory), reporting.summary, code);
    return code;
  } catch (error) {
    directory.discard();
    throw interruption.signal.aborted && error instanceof NothingMeasured
      ? new Interrupted('Interrupted before anything was measured; nothing was saved.')
      : error;
  } finally {
    interruption.dispose();
  }
}

/** 0 when every experiment was made; 1 when one failed, 4 when a run was not fit to be judged, 130 when interrupted. */
export function exitCodeOf({ claims }: Pick<ClaimsResult, 'claims'>): number {
  if (claims.some(({ state }) => state === 'interrupted')) return EXIT.interrupted;
  if (claims.some(({ state }) => state === 'failed')) return EXIT.operation;
  const isInvalid = claims.some(({ runs }) => runs.some(({ validity }) => validity === 'invalid'));
  return isInvalid ? EXIT.invalid : EXIT.ok;
}

function settingsOf({ ground, stage, region, seed, isQuick, slos }: ClaimsOptions): RunSettings {
  const articleTemplate = path.join(PACKAGE_ROOT, 'stack', 'article.yaml');
  return { ground, stage, region, seed, isQuick, slos, articleTemplate };
}

interface Context {
  readonly flags: Values<typeof CLAIMS_FLAGS>;
  readonly options: ClaimsOptions;
  readonly id: string;
  readonly startedAtMs: number;
  readonly directory: RunDirectory;
  readonly reporting: ClaimsReporting;
}

class Claims {
  readonly #context: Context;
  readonly #claims: ClaimResult[] = [];
  readonly #troubles: string[] = [];
  #facts: StageFacts | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  async go(interrupted: AbortSignal): Promise<ClaimsResult> {
    const { options } = this.#context;
    const stack = options.ground === 'stack' ? await this.#openStack(interrupted) : null;
    try {
      const runs = this.#runs(stack, interrupted);
      const lab = this.#lab(stack, runs);
      // Before any fault: a stack's metrics are of whole minutes. What keeps it from being made is told where it is needed.
      if (stack !== null && options.only.includes('asynchronous')) await runs.run('steady').catch(() => {});
      for (const id of options.only) {
        const claim = await this.#made(id, lab);
        this.#claims.push(claim);
        this.#say(this.#context.reporting.claimLine(claim));
        if (claim.state === 'failed') for (const line of runs.stageLog.tail()) note(`stage: ${line}`);
        await this.save(this.#result(), false);
        if (interrupted.aborted) break;
      }
      return this.#result();
    } finally {
      await stack?.close();
    }
  }

  /** Writes claims.json, and the reports when everything is over; elsewhere when the disk can't take it. */
  save(result: ClaimsResult, isWhole: boolean): Promise<void> {
    const { directory, reporting } = this.#context;
    return directory.write((place) => {
      writeWholeFile(path.join(place, 'claims.json'), `${JSON.stringify(result, null, 2)}\n`);
      return isWhole ? reporting.writeClaims(place) : undefined;
    });
  }

  /** Where the results are, and what of the runs' is elsewhere. */
  placeOf({ path: place, trouble, isNowhere }: RunDirectory): Place {
    const troubles = [...this.#troubles, ...(trouble === null ? [] : [trouble])];
    return { path: place, isNowhere, trouble: troubles.length === 0 ? null : troubles.join('\n') };
  }

  /** A stage that can't be opened fails its experiment; what is configured wrong ends the command. */
  async #made(id: ClaimId, lab: Lab): Promise<ClaimResult> {
    const announced = experimentOf(id, lab.ground);
    this.#say(`\n${announced.title}: ${announced.claim}`);
    try {
      const made = await EXPERIMENTS[id](lab);
      const state = made.problems.includes(NOT_INJECTABLE) ? 'not possible' : 'done';
      return { ...announced, ...made, state, ...judged(made, state) };
    } catch (error) {
      if (error instanceof RunInterrupted || error instanceof NothingMeasured)
        return {
          ...announced,
          ...NOTHING_MADE,
          ...judged(NOTHING_MADE, 'interrupted'),
          state: 'interrupted',
        };
      if (!(error instanceof OperatingError)) throw error;
      const problems = [error.message];
      return {
        ...announced,
        ...NOTHING_MADE,
        problems,
        ...judged(NOTHING_MADE, 'failed'),
        state: 'failed',
      };
    }
  }

  async #openStack(interrupted: AbortSignal): Promise<OpenStage> {
    const { options } = this.#context;
    const { plan } = runSpec('steady', settingsOf(options));
    const stack = await openStage({ plan, log: () => {}, metricsWaitMs: null, interrupted });
    this.#facts = stack.facts;
    const specs = keysOf(options.only, options.ground).map((key) => runSpec(key, settingsOf(options)));
    const poisoned = specs.filter(({ poison }) => poison !== null);
    const notice = stackNotice({
      plan,
      runs: specs.map((spec) => spec.plan),
      waitsMs: poisoned.length * CATCH_UP_AWS_MS,
      stage: stack,
      maxCostUsd: options.maxCostUsd,
    });
    for (const line of await notice) this.#say(line);
    return stack;
  }

  #runs(stack: OpenStage | null, interrupted: AbortSignal): ClaimRuns {
    const { options, directory, flags, reporting } = this.#context;
    return new ClaimRuns({
      settings: settingsOf(options),
      stack,
      directory: directory.path,
      isSilent: flags.quiet || flags.json || !process.stderr.isTTY,
      interrupted,
      withMetrics: new Set<RunKey>(options.only.includes('asynchronous') ? ['steady'] : []),
      writeRun: reporting.writeRun,
      say: (line) => this.#say(line),
      troubled: (trouble) => this.#troubles.push(trouble),
    });
  }

  #lab(stack: OpenStage | null, runs: ClaimRuns): Lab {
    const { options, reporting } = this.#context;
    const templateText =
      stack === null
        ? readFileSync(path.join(PACKAGE_ROOT, 'stack', 'template.yaml'), 'utf8')
        : (stack.templateText ?? null);
    return {
      ground: options.ground,
      isAws: stack?.facts.kind === 'aws',
      isInjectable: stack === null || stack.facts.parameters.FaultInjection === 'true',
      integration: integrationOf(templateText),
      run: async (key) => {
        const run = await runs.run(key);
        if (run.spec.plan.template === null) this.#facts ??= run.result.stage;
        return run;
      },
      differences: ({ directory }, stretches) => reporting.differences(directory, stretches),
    };
  }

  #result(): ClaimsResult {
    const { id, startedAtMs, options } = this.#context;
    const { kind, name, region, profile, parameters, notes } = this.#facts ?? UNKNOWN_STAGE;
    const isWhole =
      this.#claims.length === options.only.length &&
      this.#claims.every(({ state }) => state === 'done' || state === 'not possible');
    return {
      schema: 1,
      kind: 'claims',
      id,
      startedAt: new Date(startedAtMs).toISOString(),
      endedAt: new Date().toISOString(),
      partial: !isWhole,
      isQuick: options.isQuick,
      seed: options.seed,
      slos: options.slos,
      asked: options.only,
      environment: environmentOf(runSpec('steady', settingsOf(options)).plan),
      stage: { kind, name, region, profile, parameters, notes },
      claims: [...this.#claims],
    };
  }

  #say(line: string): void {
    const { quiet, json } = this.#context.flags;
    if (!quiet && !json) note(line);
  }
}

const NOTHING_MADE: Made = { findings: [], runs: [], timelines: [], settings: [], problems: [] };

/** Before anything ran on it. */
const UNKNOWN_STAGE: ClaimsResult['stage'] = {
  kind: 'local',
  name: 'local',
  region: null,
  profile: null,
  parameters: {},
  notes: [],
};

function judged({ findings }: Made, state: ClaimResult['state']): Pick<ClaimResult, 'verdict' | 'sentence'> {
  return { verdict: verdictOf(findings), sentence: sentenceOf(findings, state) };
}

/** The runs that the claims take, at most. */
function keysOf(only: readonly ClaimId[], ground: ClaimsOptions['ground']): RunKey[] {
  const wanted: Readonly<Record<ClaimId, readonly RunKey[]>> = {
    'low-latency': ['steady'],
    decoupled: ['audit-fault'],
    'fault-tolerant': ground === 'own' ? ['echo-fault', 'published', 'reference'] : ['echo-fault'],
    asynchronous: ['steady', 'echo-fault'],
    ordered: ground === 'own' ? ['serial', 'concurrent'] : ['bursts'],
  };
  const all = new Set(only.flatMap((id) => wanted[id]));
  return RUN_KEYS.filter((key) => all.has(key));
}

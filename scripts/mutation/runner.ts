/**
 * Stryker's test runner for tests of node:test: imports the files of tests once and runs their tests in this process, for each
 * mutant those that reach it, the first failure being enough. A mutant in what a module does when it is loaded has all modules
 * loaded again.
 */
import { register } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS, type MutantCoverage } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type CompleteDryRunResult,
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import { type CollectedTest, collect, collectInsteadOfRunning, finish } from './collected-tests.ts';
import { testsThatReach } from './tests.ts';

/** What instrumented code reads and writes. */
interface Instrumented {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: MutantCoverage;
}

const instrumented: Instrumented = {};
Object.assign(globalThis, { [INSTRUMENTER_CONSTANTS.NAMESPACE]: instrumented });

class NodeTestRunner implements TestRunner {
  #loads = 0;
  readonly #loaded = new Map<string, readonly CollectedTest[]>();
  readonly #msOf = new Map<string, number>();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    register('./reload-hooks.mjs', import.meta.url);
    collectInsteadOfRunning();
    // The same examples for every mutant; and the smallest counterexample is of no interest.
    fc.configureGlobal({ seed: 4737, endOnFailure: true });
  }

  async dryRun({ coverageAnalysis, files = [] }: DryRunOptions): Promise<DryRunResult> {
    const tests = await this.#load(testsThatReach(files));
    const result = await this.#run(tests, false);
    const { mutantCoverage } = instrumented;
    return coverageAnalysis === 'off' || mutantCoverage === undefined
      ? result
      : { ...result, mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, hitLimit, testFilter, mutantActivation, reloadEnvironment } = options;
    instrumented.hitLimit = hitLimit;
    instrumented.hitCount = hitLimit === undefined ? undefined : 0;
    instrumented.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    const files = testsThatReach([options.sandboxFileName]);
    const tests = await this.#load(files, reloadEnvironment).catch(String);
    // What can't even be loaded has no test that passes.
    if (typeof tests === 'string')
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: tests, nrOfTests: 0 };
    instrumented.activeMutant = activeMutant.id;
    const chosen = testFilter === undefined ? tests : tests.filter(({ id }) => testFilter.includes(id));
    const result = await this.#run(chosen, !options.disableBail);
    return toMutantRunResult(determineHitLimitReached(instrumented.hitCount, hitLimit) ?? result);
  }

  async dispose(): Promise<void> {
    await finish();
  }

  /** The tests of the files; loaded anew only where they must be. */
  async #load(files: readonly string[], isAnew = false): Promise<readonly CollectedTest[]> {
    const missing = isAnew ? files : files.filter((file) => !this.#loaded.has(file));
    const query = isAnew ? `?load=${++this.#loads}` : '';
    const urls = missing.map((file) => pathToFileURL(path.resolve(file)).href);
    const tests = await collect(urls, query);
    if (isAnew) return tests;
    for (const file of missing)
      this.#loaded.set(
        file,
        tests.filter((test) => test.file.endsWith(`/${file}`)),
      );
    return files.flatMap((file) => this.#loaded.get(file)!);
  }

  async #run(tests: readonly CollectedTest[], isFirstEnough: boolean): Promise<CompleteDryRunResult> {
    const results: TestResult[] = [];
    const quickestFirst = [...tests].sort(
      (a, b) => (this.#msOf.get(a.id) ?? 0) - (this.#msOf.get(b.id) ?? 0),
    );
    for (const test of quickestFirst) {
      results.push(await this.#runOne(test));
      if (isFirstEnough && results.at(-1)!.status === TestStatus.Failed) break;
    }
    return { status: DryRunStatus.Complete, tests: results };
  }

  async #runOne({ id, file, run }: CollectedTest): Promise<TestResult> {
    const startMs = performance.now();
    instrumented.currentTestId = id;
    const failure = await run().then(
      () => null,
      (error: unknown) => String(error),
    );
    instrumented.currentTestId = undefined;
    const timeSpentMs = performance.now() - startMs;
    this.#msOf.set(id, Math.max(timeSpentMs, this.#msOf.get(id) ?? 0));
    const about = { id, name: id, fileName: fileURLToPath(file), timeSpentMs };
    return failure === null
      ? { ...about, status: TestStatus.Success }
      : { ...about, status: TestStatus.Failed, failureMessage: failure };
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'node-test', NodeTestRunner)];

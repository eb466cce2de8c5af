/**
 * The verdict as JUnit XML, for CI systems that show tests: every threshold, every validity check and the run itself is
 * a test case. An unmet threshold and an invalid check fail; a check whose answer is unknown is skipped, with its
 * evidence, because it neither passed nor failed. JUnit's times are seconds: the run's duration is that of its own test case,
 * and of the first suite, so that what adds the suites up has it once. The file keeps to the schemas of Jenkins and JUnit:
 * https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
 * https://github.com/junit-team/junit5/blob/main/platform-tests/src/test/resources/jenkins-junit.xsd
 */
import module, { type Builder, type TestCase, type TestSuite } from 'junit-report-builder';
import { contradictionsIn } from '../../bench/judge/conservation.ts';
import type { RunResult, ValidityCheck } from '../../bench/model/result.ts';
import { visible } from '../escape.ts';
import { valueText } from './verdict.ts';

/** The package exports its builder as the CommonJS module itself, where its types promise a property `default`. */
const junit = module as unknown as Builder;

/** The JUnit file of a run. */
export function renderJunit(result: RunResult): string {
  const builder = junit.newBuilder();
  const seconds = (Date.parse(result.endedAt) - Date.parse(result.startedAt)) / 1000;
  const suite = (name: string, tookSeconds: number): TestSuite =>
    builder
      .testSuite()
      .name(visible(`${result.name}: ${name}`))
      .timestamp(result.startedAt)
      .time(tookSeconds);
  addRun(suite('run', seconds), result, seconds);
  addThresholds(suite('thresholds', 0), result);
  addValidity(suite('validity', 0), result);
  // The package counts what was skipped on the root too, where no schema has it.
  return builder.build().replace(/(<testsuites\b[^>]*?) skipped="\d+"/, `$1 time="${seconds}"`);
}

function addCase(suite: TestSuite, className: string, name: string): TestCase {
  return suite.testCase().className(`bench.${className}`).name(visible(name));
}

function fail(testCase: TestCase, message: string, type: string): void {
  testCase.failure(visible(message), type);
}

function addRun(suite: TestSuite, result: RunResult, seconds: number): void {
  const completed = addCase(suite, 'run', 'the run was carried out in full').time(seconds);
  if (result.partial)
    fail(completed, 'The run was cut short; its figures cover only part of the plan.', 'partial');
  const consistent = addCase(suite, 'run', 'the counts add up');
  const contradictions = contradictionsIn(result);
  if (contradictions.length > 0) fail(consistent, contradictions.join(' '), 'contradiction');
}

function addThresholds(suite: TestSuite, { thresholds }: RunResult): void {
  for (const { expression, value, ok } of thresholds) {
    const testCase = addCase(suite, 'thresholds', expression);
    if (!ok) fail(testCase, `${expression}: ${valueText(value)}`, 'threshold');
  }
}

function addValidity(suite: TestSuite, { validity }: RunResult): void {
  for (const check of validity.checks) addCheck(addCase(suite, 'validity', check.name), check);
}

function addCheck(testCase: TestCase, { verdict, evidence }: ValidityCheck): void {
  testCase.standardOutput(visible(evidence));
  if (verdict === 'invalid') fail(testCase, evidence, 'invalid');
  if (verdict === 'unknown') testCase.skipped();
}

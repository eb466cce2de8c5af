/**
 * Holds the local stage's Velocity to Apache's own, 1.7, over a corpus of templates and messages and over generated ones. A
 * difference is a failure. What the stage refuses, at its start or at a message, is no difference, and counted.
 *
 * Usage: npm run velocity:proof -- [--generated N] [--seed S] [--show N]
 * Needs Java and Maven, which fetches Velocity and JsonPath on the first run; without them it says so and proves nothing.
 * Exit code 0: no difference. 1: there are some, or the oracle failed. 2: bad usage.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../bench/measure/random.ts';
import { MessageBody } from '../stack/local/gateway/message-body.ts';
import { InputVariable, UtilVariable } from '../stack/local/gateway/vtl-variables.ts';
import { render } from '../stack/local/velocity/interpreter.ts';
import type { JavaValue } from '../stack/local/velocity/java/values.ts';
import { parseTemplate } from '../stack/local/velocity/template-parser.ts';
import { scriptArguments, wholeOf } from './script-arguments.ts';
import { ANY_BODY, BODIES, ODD_BODIES, TEMPLATES } from './velocity-proof/corpus.ts';
import { generatedTemplate } from './velocity-proof/generator.ts';

const FOLDER = fileURLToPath(new URL('velocity-proof/', import.meta.url));

const OPTIONS = {
  generated: { type: 'string', default: '2000' },
  seed: { type: 'string', default: '1' },
  show: { type: 'string', default: '20' },
} as const;

interface Case {
  readonly template: string;
  readonly body: string;
}

type Outcome = { readonly text: string } | { readonly error: string };

function options(): Record<keyof typeof OPTIONS, number> {
  const { values } = scriptArguments(OPTIONS);
  const whole = (name: keyof typeof OPTIONS) => wholeOf(name, values[name], 0);
  return { generated: whole('generated'), seed: whole('seed'), show: whole('show') };
}

function cases(generated: number, seed: number): Case[] {
  const random = seededRandom(seed);
  const corpus = TEMPLATES.flatMap((template) => BODIES.map((body) => ({ template, body })));
  const odd = ANY_BODY.flatMap((template) => [...BODIES, ...ODD_BODIES].map((body) => ({ template, body })));
  const random1 = Array.from({ length: generated }, () => ({
    template: generatedTemplate(random),
    body: BODIES[Math.floor(random.next() * BODIES.length)] ?? '',
  }));
  return [...corpus, ...odd, ...random1];
}

/** What Apache's makes of the cases; null when it can't be had here. */
function oracle(list: readonly Case[]): Outcome[] | null {
  const libraries = path.join(tmpdir(), 'velocity-proof-libraries');
  mkdirSync(libraries, { recursive: true });
  const maven = [
    '-q',
    '-B',
    '-f',
    path.join(FOLDER, 'pom.xml'),
    'dependency:copy-dependencies',
    `-DoutputDirectory=${libraries}`,
  ];
  const fetched = spawnSync('mvn', maven, { encoding: 'utf8' });
  if (fetched.error !== undefined || fetched.status !== 0) return null;
  const { status, stdout, stderr } = spawnSync(
    'java',
    ['-cp', path.join(libraries, '*'), path.join(FOLDER, 'Oracle.java')],
    {
      input: list.map((one) => `${JSON.stringify(one)}\n`).join(''),
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    },
  );
  if (status !== 0) throw new Error(`the oracle failed: ${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const UTIL = new UtilVariable();

function ours({ template, body }: Case): Outcome {
  const identity: JavaValue = new Map([['sourceIp', '127.0.0.1']]);
  const context: JavaValue = new Map<JavaValue, JavaValue>([
    ['connectionId', 'L0SM9cOFvHcCIhw='],
    ['requestTimeEpoch', 1_700_000_000_123n],
    ['routeKey', '$default'],
    ['identity', identity],
  ]);
  const stageVariables: JavaValue = new Map([
    ['table', 'events'],
    ['colour', 'blue'],
  ]);
  try {
    const variables: [string, JavaValue][] = [
      ['context', context],
      ['input', new InputVariable(new MessageBody(body))],
      ['util', UTIL],
      ['stageVariables', stageVariables],
    ];
    return { text: render(parseTemplate(template), variables) };
  } catch (error) {
    return { error: String(error) };
  }
}

type Verdict = 'same text' | 'both fail' | 'refused here' | 'different';

function verdictOf(here: Outcome, there: Outcome): Verdict {
  if ('error' in here) return 'error' in there ? 'both fail' : 'refused here';
  // Java writes half of a surrogate pair as a question mark.
  return 'text' in there && there.text === here.text.replace(/\p{Cs}/gu, '?') ? 'same text' : 'different';
}

function main(): void {
  const { generated, seed, show } = options();
  const list = cases(generated, seed);
  const expected = oracle(list);
  if (expected === null) {
    process.stdout.write('velocity:proof skipped: it needs java and mvn, and the Maven repository once\n');
    return;
  }
  const counts: Record<Verdict, number> = { 'same text': 0, 'both fail': 0, 'refused here': 0, different: 0 };
  let shown = 0;
  for (const [index, one] of list.entries()) {
    const [here, there] = [ours(one), expected[index] ?? { error: 'no result' }];
    const verdict = verdictOf(here, there);
    counts[verdict] += 1;
    if (verdict !== 'different' && !(verdict === 'refused here' && process.env.SHOW_REFUSED !== undefined))
      continue;
    shown += 1;
    if (shown <= show)
      process.stdout.write(
        `${verdict}:\n  ${JSON.stringify(one)}\n  here   ${JSON.stringify(here)}\n  Apache ${JSON.stringify(there)}\n`,
      );
  }
  const templates = new Set(list.map(({ template }) => template)).size;
  const figures = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  process.stdout.write(
    `${list.length} cases of ${templates} templates (seed ${seed}): ${figures.join(', ')}\n`,
  );
  process.exitCode = counts.different > 0 ? 1 : 0;
}

main();

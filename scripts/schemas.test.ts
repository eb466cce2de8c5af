/** The published schemas are what the program reads by, and neither they nor the program take a document with a wrong field. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { packPartial, unzipped } from '../bench/fleet/partial-file.ts';
import { PARTIAL_SCHEMA } from '../bench/measure/fleet/partial.ts';
import { oddRun } from '../bench/measure/testing/distinct-run.ts';
import type { RunResult } from '../bench/model/result.ts';
import { parseCapacityResult } from '../reports/capacity/schema.ts';
import { parseClaimsResult } from '../reports/claims/schema.ts';
import { parseFleet } from '../reports/fleet/schema.ts';
import { parseComparison, parseHistory } from '../reports/saved-reports.ts';
import { parseResult } from '../reports/schema.ts';
import { parseSweepResult } from '../reports/sweep/saved.ts';
import { distinctClaims } from '../reports/testing/claims.ts';
import { distinctComparison, distinctHistory } from '../reports/testing/comparisons.ts';
import { EVEN, ODD } from '../reports/testing/experiment-parts.ts';
import { distinctCapacity, distinctSweep } from '../reports/testing/experiments.ts';
import { distinctFleet } from '../reports/testing/fleet.ts';
import { DOCUMENTS, type DocumentName, jsonSchemaOf, schemaFile, schemaText } from './schemas.ts';

const NAMES = Object.keys(DOCUMENTS) as DocumentName[];

const fileOf = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

async function partial(): Promise<unknown> {
  const { record } = oddRun();
  const { environment, stage, stageChange, sharesMachine } = record;
  const bytes = await packPartial({
    ...{
      schema: PARTIAL_SCHEMA,
      kind: 'fleet partial',
      plan: {},
      headerNames: ['Authorization'],
      host: 'node-1',
    },
    identity: { runId: '0123456789abcdef', planHash: 'f'.repeat(64), index: 0, of: 2, startMs: 17 },
    environment,
    clock: { lowMs: -3.1, highMs: 5.3, probes: 4 },
    times: { startedMs: 1, readyMs: 2, latenessMs: 3, trafficEndedMs: 4, measuredMs: 5 },
    run: {
      ...{ interruption: null, stage, probes: 4, stageChange, sharesMachine, hostBusy: 0.5, stealShare: 0.1 },
    },
    part: record.rollup.toPart(),
  });
  return JSON.parse((await unzipped(bytes)).toString());
}

/** Without what its type has not, but a stage of a run has. */
function claims(): object {
  const all = distinctClaims();
  const { url: _, pipeline: __, ...stage } = all.stage as RunResult['stage'];
  return { ...all, stage };
}

/** Documents as they are saved, of each kind at least one. */
async function examples(): Promise<Record<DocumentName, readonly unknown[]>> {
  const saved: Record<DocumentName, readonly unknown[]> = {
    plan: ['quick', 'closed-loop', 'bursty'].map((name) => parse(fileOf(`bench/plans/${name}.yaml`))),
    faults: ['lossy', 'reordering', 'recovery'].map((name) =>
      parse(fileOf(`bench/plans/faults/${name}.yaml`)),
    ),
    prices: [JSON.parse(fileOf('stack/prices.json'))],
    result: [ODD, EVEN],
    violation: oddRun().record.rollup.violations,
    sweep: [distinctSweep()],
    capacity: [distinctCapacity()],
    claims: [claims()],
    comparison: [distinctComparison()],
    history: [distinctHistory()],
    fleet: [distinctFleet()],
    partial: [await partial()],
  };
  return JSON.parse(JSON.stringify(saved));
}

const EXAMPLES = await examples();

const ajv = new Ajv2020({ strict: false });
ajv.addFormat('uri', true).addFormat('date', true);
const FOREIGN = Object.fromEntries(NAMES.map((name) => [name, ajv.compile(jsonSchemaOf(name))])) as Record<
  DocumentName,
  ValidateFunction
>;

interface Field {
  readonly path: string;
  readonly holder: Record<string, unknown>;
  readonly name: string;
}

/** Every field of a document; of the elements of a list, the first that has it. */
function fieldsOf(value: unknown, path = '', found = new Map<string, Field>()): Map<string, Field> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, inner] of Object.entries(value)) {
    const own = `${path}.${Array.isArray(value) ? '*' : name}`;
    if (!found.has(own)) found.set(own, { path: own, holder: value as Record<string, unknown>, name });
    fieldsOf(inner, own, found);
  }
  return found;
}

/** What is of another type than anything that is saved in place of it. */
function wrongFor(value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? 'nonsense' : { nonsense: true };
}

/** What people write themselves, and so may hold anything: a worker's own plan, which is compared by its hash alone. */
const FREE = /^\.plan\./;

test('the schemas that are published are those that the program reads by', () => {
  const old = NAMES.filter((name) => readFileSync(schemaFile(name), 'utf8') !== schemaText(name));
  assert.deepEqual(old, [], 'npm run schemas writes them anew');
});

for (const name of NAMES) {
  test(`${name}: a foreign validator takes what the program writes, and neither takes a field of the wrong type`, () => {
    const validate = FOREIGN[name];
    const { schema } = DOCUMENTS[name];
    const passed: string[] = [];
    const seen = new Set<string>();
    for (const example of EXAMPLES[name]) {
      assert.ok(validate(example), JSON.stringify(validate.errors));
      assert.ok(schema.safeParse(example).success);
      for (const { path, holder, name: field } of fieldsOf(example).values()) {
        if (seen.has(path) || (name === 'partial' && FREE.test(path))) continue;
        seen.add(path);
        const right = holder[field];
        holder[field] = wrongFor(right);
        if (validate(example)) passed.push(`${path} by its schema`);
        if (schema.safeParse(example).success) passed.push(`${path} by the program`);
        holder[field] = right;
      }
    }
    assert.deepEqual(passed, []);
  });
}

/** How the program reads what has a name in a directory, and a field that is wrong or missing in it. */
const HOSTILE: readonly (readonly [DocumentName, (json: string) => unknown, path: string, value: unknown])[] =
  [
    ['result', parseResult, 'metrics.health', 'nonsense'],
    ['result', parseResult, 'plan.load', undefined],
    ['result', parseResult, 'plan.dispatch', undefined],
    ['result', parseResult, 'connections.churned', undefined],
    ['sweep', parseSweepResult, 'plan.load', undefined],
    ['sweep', parseSweepResult, 'cells.0.plan.load', undefined],
    ['capacity', parseCapacityResult, 'plan.load', undefined],
    ['claims', parseClaimsResult, 'claims.0.findings', undefined],
    ['comparison', parseComparison, 'contests.0.metrics.0.difference', 'nonsense'],
    ['fleet', parseFleet, 'workers', 'nonsense'],
    ['history', parseHistory, 'groups.0.metrics.0.changes', undefined],
  ];

test('a saved document with a field that is wrong or missing is refused with its name and a remedy', () => {
  for (const [name, read, path, value] of HOSTILE) {
    const hostile = structuredClone(EXAMPLES[name][0]) as Record<string, never>;
    const names = path.split('.');
    const last = names.pop()!;
    const holder = names.reduce((at, step) => at[step]!, hostile) as Record<string, unknown>;
    assert.ok(last in holder, path);
    holder[last] = value;
    assert.throws(
      () => read(JSON.stringify(hostile)),
      (error: Error) => {
        assert.ok(error.message.includes(`${path}: `), `${path}: ${error.message}`);
        assert.match(error.message, /Restore it from a copy, or make it again\.$/);
        return true;
      },
    );
  }
});

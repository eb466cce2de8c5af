/**
 * How good is the property that guards the ledger? Every mechanical mistake is made in the ledger and its parts, one at a
 * time, and each mutant is put to the property of the brute-force twin. One that survives is either not tested for, which
 * fails the script, or does the same as the original, which the list below has to argue.
 *
 * Run with `npm run mutate`. It takes a minute or so on one core and needs nothing but this repository.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import ts from 'typescript';
import { type Mutation, mutationsOf } from './mutation/mutations.ts';
import { scriptArguments } from './script-arguments.ts';

const CORE = fileURLToPath(new URL('../bench/core/', import.meta.url));
const FILES = ['ledger.ts', 'ledger-slots.ts', 'ordering-stack.ts'];

/** The same histories for every mutant, so that the same ones survive every time. */
const SEED = 4737;
const RUNS = 300;

/** A mutant that takes this many times as long as the original hangs, but none is given up before it had a fair chance. */
const PATIENCE = 8;
const MIN_LIMIT_MS = 1_000;

/**
 * Mutants that can't be told from the original, with the reason. A key is the file, the line of code, what is replaced in it
 * and what with.
 */
const EQUIVALENT: Readonly<Record<string, string>> = {
  'ledger.ts: measured = false; | false → true': 'written before it means anything',
  'ledger.ts: jumped = false; | false → true': 'written before it means anything',
  'ledger.ts: if (measured && this.#next < this.#firstMeasured) this.#firstMeasured = this.#next; | this.#next < this.#firstMeasured → this.#next <= this.#firstMeasured':
    'assigns the value that it has',
  'ledger.ts: if (sequence < this.#highest) return this.#arriveLate(sequence, at, arrival, nowMs); | sequence < this.#highest → sequence <= this.#highest':
    'the highest number has arrived, and this one has not',
  'ledger.ts: if (this.#base > this.#highest) { | this.#base > this.#highest → this.#base >= this.#highest':
    'the highest number has arrived, and the base has not',
  'ledger.ts: for (let skipped = from; skipped < sequence; skipped++) { | skipped < sequence → skipped <= sequence':
    'of a number that arrived in order, nobody asks who jumped over it',
  'ledger-slots.ts: for (let sequence = base; sequence < next; sequence++) { | sequence < next → sequence <= next':
    'fills a slot that is written again before it is read',
  'ordering-stack.ts: while (this.#size > 0 && this.#sequences[(this.#bottom + this.#size - 1) & mask]! > sequence) { | this.#sequences[(this.#bottom + this.#size - 1) & mask]! > sequence → this.#sequences[(this.#bottom + this.#size - 1) & mask]! >= sequence':
    'no number arrives first twice',
  'ordering-stack.ts: if (this.#size > mask) { | this.#size > mask → this.#size >= mask':
    'grows a place sooner, within the same bound',
  'ordering-stack.ts: while (this.#size > 0 && this.#sequences[this.#bottom]! < base) { | this.#sequences[this.#bottom]! < base → this.#sequences[this.#bottom]! <= base':
    'the base has not arrived, so it is not on the stack',
};

type Fate = 'killed' | 'survived' | 'timed out';

/** Typed arrays beyond this are a mutant's: it fails by them before the machine does. */
const GUARD = ['Float64Array', 'Uint8Array']
  .map(
    (name) =>
      `class ${name} extends globalThis.${name} { constructor(...given) {` +
      ` if (given[0] > 1e6) throw new RangeError('too large'); super(...given); } }`,
  )
  .join('\n');

/** TypeScript to JavaScript whose imports find their way from a directory without packages. */
function toJavaScript(source: string): string {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
    },
  });
  return outputText.replace("'fast-check'", JSON.stringify(import.meta.resolve('fast-check')));
}

function write(directory: string, name: string, javascript: string): string {
  const file = path.join(directory, name.replace('.ts', '.js'));
  writeFileSync(file, javascript);
  return pathToFileURL(file).href;
}

/** A directory with the ledger. Answers its address. */
function build(directory: string, modules: ReadonlyMap<string, string>): string {
  mkdirSync(directory);
  for (const [name, javascript] of modules) write(directory, name, `${GUARD}\n${javascript}`);
  return pathToFileURL(path.join(directory, 'ledger.js')).href;
}

/** The property, in the directory itself. Answers its address. */
function buildProperty(directory: string): string {
  writeFileSync(path.join(directory, 'package.json'), '{"type":"module"}');
  const [property] = ['ledger-twin-fixture.ts', 'tally.ts'].map((name) =>
    write(directory, name, toJavaScript(readFileSync(path.join(CORE, name), 'utf8'))),
  );
  return property!;
}

/** A thread that judges ledgers, and is replaced when one hangs. */
class Judge {
  readonly #property: string;
  #worker: Worker | null = null;

  constructor(property: string) {
    this.#property = property;
  }

  async fateOf(url: string, limitMs: number): Promise<Fate> {
    this.#worker ??= await this.#start();
    const worker = this.#worker;
    worker.postMessage({ url, numRuns: RUNS, seed: SEED });
    const answer = await this.#answer(worker, limitMs);
    if (answer === 'timed out') await this.close();
    return answer as Fate;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = null;
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(new URL('./mutation/mutant-worker.mjs', import.meta.url), {
      workerData: { property: this.#property },
    });
    await this.#answer(worker, 60_000);
    return worker;
  }

  #answer(worker: Worker, limitMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve('timed out'), limitMs);
      worker.once('error', reject);
      worker.once('message', (message: string) => {
        clearTimeout(timer);
        worker.off('error', reject);
        resolve(message);
      });
    });
  }
}

interface Judged {
  readonly file: string;
  readonly mutation: Mutation;
  readonly fate: Fate;
}

function keyOf({ file, mutation }: Judged): string {
  const text = mutation.text.replace(/\s+/g, ' ');
  return `${file}: ${mutation.code} | ${text} → ${mutation.replacement}`;
}

async function judgeAll(directory: string): Promise<Judged[]> {
  const sources = new Map(FILES.map((file) => [file, readFileSync(path.join(CORE, file), 'utf8')]));
  const modules = new Map([...sources].map(([file, source]) => [file, toJavaScript(source)]));
  const judge = new Judge(buildProperty(directory));
  const url = build(path.join(directory, 'original'), modules);
  const fate = await judge.fateOf(url, PATIENCE * MIN_LIMIT_MS);
  if (fate !== 'survived') throw new Error(`the original ledger itself is ${fate}`);
  const startMs = performance.now();
  await judge.fateOf(url, PATIENCE * MIN_LIMIT_MS);
  const limitMs = Math.max(MIN_LIMIT_MS, PATIENCE * (performance.now() - startMs));
  const judged: Judged[] = [];
  for (const [file, source] of sources) {
    for (const mutation of mutationsOf(file, source)) {
      const place = path.join(directory, `mutant-${judged.length}`);
      const mutant = build(place, new Map(modules).set(file, toJavaScript(mutation.mutant)));
      judged.push({ file, mutation, fate: await judge.fateOf(mutant, limitMs) });
    }
  }
  await judge.close();
  return judged;
}

function report(judged: readonly Judged[]): number {
  const survivors = judged.filter(({ fate }) => fate === 'survived');
  const unexplained = survivors.filter((survivor) => EQUIVALENT[keyOf(survivor)] === undefined);
  for (const one of judged) {
    const { file, mutation, fate } = one;
    const reason = fate === 'survived' ? (EQUIVALENT[keyOf(one)] ?? 'NOT EXPLAINED') : '';
    const change = `${mutation.text.replace(/\s+/g, ' ')} → ${mutation.replacement}`;
    console.log(`${fate.padEnd(9)} ${file}:${mutation.line}  ${change}${reason && `  (${reason})`}`);
  }
  const keys = new Set(survivors.map(keyOf));
  const stale = Object.keys(EQUIVALENT).filter((key) => !keys.has(key));
  for (const key of stale) console.log(`listed as equivalent, but no survivor: ${key}`);
  const timedOut = judged.filter(({ fate }) => fate === 'timed out').length;
  console.log(
    `${judged.length} mutants: ${judged.length - survivors.length} killed (${timedOut} by the time limit), ` +
      `${survivors.length - unexplained.length} equivalent, ${unexplained.length} survived unexplained`,
  );
  return unexplained.length + stale.length;
}

scriptArguments({});
const directory = mkdtempSync(path.join(tmpdir(), 'ledger-mutants-'));
try {
  process.exitCode = report(await judgeAll(directory)) === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

// Runs the tests on Node's own runner. How a file runs is in its name, and nowhere else:
//
//   x.test.ts         shares a process with others, since starting one costs more than most files of tests: it leaves the process as
//   x.prop.test.ts    it is (environment, working directory, signals)
//   x.run.test.ts     has a process of its own, as it changes that or starts others; three of all these at a time
//   x.cli.test.ts     the same, through the command line
//   x.e2e.test.ts     measures real time: runs alone, when the others are done
//   x.proof.test.ts   takes minutes: runs by `npm run proof` only, one after the other
//   x.browser.test.ts the same, and needs Chromium
//
// `npm test -- PATTERN` and `npm run proof -- PATTERN` run the files whose path contains a pattern.
// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['bench', 'stack', 'reports', 'scripts'];

/** Longer than any file of tests takes on a slow machine; one that hangs fails by name instead of hanging the run. */
const TEST_TIMEOUT_MS = 180_000;

/** The same of a proof. */
const PROOF_TIMEOUT_MS = 900_000;

/** Processes for the files that share one: enough for the processors, few enough to save their starts. */
const SHARED_PROCESSES = 8;

/** Processes at a time: one more than two processors, as some wait for what they started. */
const CONCURRENCY = 3;

const areProofs = process.argv.includes('--proofs');

/** Golden texts are written anew instead of compared. */
if (process.argv.includes('--update')) process.env.UPDATE_GOLDEN = '1';

/** @returns {string[]} */
function testFiles() {
  return FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => path.join(folder, file)),
  ).sort();
}

/**
 * Entries that import the files, some of them each.
 * @param {string[]} files
 * @param {string} directory
 */
function sharedEntries(files, directory) {
  const count = Math.min(SHARED_PROCESSES, files.length);
  return Array.from({ length: count }, (_, index) => {
    const imports = files
      .filter((_, position) => position % count === index)
      .map((file) => `await import(${JSON.stringify(pathToFileURL(path.join(ROOT, file)).href)});\n`);
    const entry = path.join(directory, `shared-${index}.mjs`);
    writeFileSync(entry, imports.join(''));
    return entry;
  });
}

/**
 * @param {string[]} files
 * @param {number} concurrency
 */
function run(files, concurrency) {
  if (files.length === 0) return 0;
  const flags = ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-reporter-destination=stdout'];
  const limits = [
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${areProofs ? PROOF_TIMEOUT_MS : TEST_TIMEOUT_MS}`,
  ];
  const environment = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  const { status } = spawnSync(process.execPath, [...flags, ...limits, ...files], {
    cwd: ROOT,
    stdio: 'inherit',
    env: environment,
  });
  return status ?? 1;
}

const USAGE =
  'npm test -- [PATTERN…]    the tests whose path contains a pattern\nnpm run proof -- [PATTERN…]    the proofs, which take minutes\nnpm run golden    writes the golden texts anew';
if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const FLAGS = ['--proofs', '--update'];
const unknown = process.argv
  .slice(2)
  .filter((argument) => argument.startsWith('-') && !FLAGS.includes(argument));
if (unknown.length > 0) {
  process.stderr.write(`error: ${unknown.join(', ')}: there is no such flag; see --help\n`);
  process.exit(2);
}

const isProof = (/** @type {string} */ file) => /\.(proof|browser)\.test\.ts$/.test(file);
const patterns = process.argv.slice(2).filter((argument) => !FLAGS.includes(argument));
const chosen = testFiles()
  .filter((file) => isProof(file) === areProofs)
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)));
if (chosen.length === 0) {
  process.stderr.write(`no test file matches ${patterns.join(' ')}\n`);
  process.exit(2);
}
const isAlone = (/** @type {string} */ file) => /\.(e2e|proof|browser)\.test\.ts$/.test(file);
const isOwn = (/** @type {string} */ file) => /\.(run|cli)\.test\.ts$/.test(file);
const directory = mkdtempSync(path.join(tmpdir(), 'bench-tests-'));
try {
  const own = chosen.filter(isOwn);
  const shared = chosen.filter((file) => !isOwn(file) && !isAlone(file));
  const together = run([...own, ...sharedEntries(shared, directory)], CONCURRENCY);
  const alone = run(chosen.filter(isAlone), 1);
  process.exitCode = together || alone;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

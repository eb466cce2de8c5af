// Runs the tests on Node's own runner: first those that a busy machine does not mind, two files at a time, then those that
// measure real time (*.e2e.test.ts), alone, so that no other test takes the processor they need.
// `npm test -- PATTERN` runs the files whose path contains the pattern.
// @ts-check
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['bench', 'stack', 'reports', 'scripts'];

/** Longer than any file of tests takes on a slow machine; one that hangs fails by name instead of hanging the run. */
const TEST_TIMEOUT_MS = 180_000;

/** @returns {string[]} */
function testFiles() {
  return FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => path.join(folder, file)),
  ).sort();
}

/**
 * @param {string[]} files
 * @param {number} concurrency
 */
function run(files, concurrency) {
  if (files.length === 0) return 0;
  const flags = ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-reporter-destination=stdout'];
  const limits = [`--test-concurrency=${concurrency}`, `--test-timeout=${TEST_TIMEOUT_MS}`];
  const environment = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  const { status } = spawnSync(process.execPath, [...flags, ...limits, ...files], {
    cwd: ROOT,
    stdio: 'inherit',
    env: environment,
  });
  return status ?? 1;
}

const patterns = process.argv.slice(2);
const chosen = testFiles().filter(
  (file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)),
);
if (chosen.length === 0) {
  process.stderr.write(`no test file matches ${patterns.join(' ')}\n`);
  process.exit(2);
}
const isAlone = (/** @type {string} */ file) => file.endsWith('.e2e.test.ts');
const together = run(
  chosen.filter((file) => !isAlone(file)),
  3,
);
const alone = run(chosen.filter(isAlone), 1);
process.exit(together || alone);

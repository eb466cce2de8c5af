/**
 * Is the local stage's process: starts a stage when told to, reports its metrics, ends with its parent. It ends on
 * SIGTERM and when the channel to the parent closes, which the operating system does even if the parent was killed.
 * It outlives Ctrl-C and the terminal, so that a driver that was interrupted can still read metrics and close its
 * connections.
 */
import { seededRandom } from '../../bench/measure/random.ts';
import { readTextFile, TEMPLATE_FILE_BYTES } from '../../bench/node/bounded-file.ts';
import { systemClock } from '../../bench/node/clock.ts';
import type { StageAnswers, StageCommand, StageQuestion, StageReport, StageRequest } from './child.ts';
import { StageConfigurationError } from './errors.ts';
import { StageHealthWatch } from './health.ts';
import { profileWith } from './profile.ts';
import { type LocalStage, startLocalStage } from './stage.ts';

/** How long closing may take before the process ends regardless. */
const CLOSE_LIMIT_MS = 4_000;

let stage: Promise<LocalStage> | null = null;
let isEnding = false;

const watch = new StageHealthWatch(systemClock);
watch.onSaturated((line) => report({ kind: 'log', line }));

function report(message: StageReport): void {
  if (process.connected) process.send?.(message);
}

function templateText(path: string): string {
  try {
    return readTextFile(path, TEMPLATE_FILE_BYTES);
  } catch (error) {
    throw new StageConfigurationError([`template: ${path} can't be read: ${messageOf(error)}`]);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function started(request: StageRequest): Promise<LocalStage> {
  return startLocalStage({
    ...request,
    controlPlane: false,
    templateText: templateText(request.templatePath),
    profile: profileWith({ name: request.profile, dispatch: request.dispatch }),
    clock: systemClock,
    random: seededRandom(request.seed),
    log: (line) => report({ kind: 'log', line }),
  });
}

async function answerTo(question: StageQuestion): Promise<StageAnswers[keyof StageAnswers]> {
  if (question.kind === 'start') {
    stage = Promise.resolve(question.request).then(started);
    stage.catch(() => {
      stage = null;
    });
    const { url, stack, notes } = await stage;
    return { url, region: stack.region, parameters: stack.parameters, notes };
  }
  const running = await stage;
  if (running === null) throw new Error('the local stage is not running');
  if (question.kind === 'faults') return running.faults();
  const { startEpochMs, endEpochMs, measuredFromEpochMs } = question;
  const metrics = running.metrics(startEpochMs, endEpochMs);
  const health = watch.between(measuredFromEpochMs, endEpochMs);
  return health === null ? metrics : { ...metrics, health };
}

async function answer(id: number, question: StageQuestion): Promise<void> {
  try {
    report({ kind: 'answer', id, answer: await answerTo(question) });
  } catch (error) {
    const problems = error instanceof StageConfigurationError ? error.problems : [];
    report({ kind: 'failed', id, problems, message: messageOf(error) });
  }
}

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  setTimeout(() => process.exit(1), CLOSE_LIMIT_MS);
  const running = await stage?.catch(() => null);
  await running?.close();
  process.exit(0);
}

function obey(command: StageCommand): void {
  switch (command.kind) {
    case 'question':
      void answer(command.id, command.question);
      return;
    case 'measuring':
      void stage?.then((running) => running.measuring(command.fromEpochMs)).catch(() => {});
      return;
    case 'stop':
      void end();
  }
}

process.on('message', obey);
process.on('disconnect', () => void end());
process.on('SIGTERM', () => void end());
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

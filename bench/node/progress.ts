/**
 * What a person sees while a run goes on: one line that is redrawn on a terminal, plain lines every few seconds
 * elsewhere. It reads sums that exist anyway and is drawn by the main thread, where no message is timed.
 */

import cliProgress from 'cli-progress';
import { supportedValue } from '../measure/histogram.ts';
import type { Rollup } from '../measure/rollup.ts';
import { counted } from '../model/counted.ts';
import type { Plan } from '../model/plan.ts';
import type { Phase, RunObserver, Waiting } from '../ports.ts';
import { printable, writeTo } from './terminal.ts';

const REDRAW_MS = 250;
const PLAIN_LINE_MS = 5_000;

export interface ProgressOptions {
  readonly plan: Plan;
  readonly stream: NodeJS.WriteStream;
  readonly now: () => number;
}

/** A progress display that must be closed. */
export interface Progress extends RunObserver {
  close(): void;
}

/** A display for the stream: redrawn in place on a terminal, else plain lines. */
export function newProgress(options: ProgressOptions): Progress {
  return options.stream.isTTY ? new LiveProgress(options) : new PlainProgress(options);
}

/** Shows nothing. */
export const silentProgress: Progress = { phase() {}, close() {} };

/** What there is to say about the run now, most telling first. */
function statusOf(plan: Plan, phase: Phase, rollup: Rollup, elapsedMs: number): string {
  if (phase === 'probing' || phase === 'reading metrics') return '';
  const { opened, failed, closedEarly } = rollup.connections;
  const open = `${opened - closedEarly}/${counted(plan.connections, 'connection')}${failed > 0 ? `, ${failed} failed` : ''}`;
  if (phase === 'opening') return open;
  const { reordered, duplicated, lost } = rollup.measured;
  const violations = `${reordered} reordered, ${duplicated} duplicated${phase === 'draining' ? `, ${lost} lost` : ''}`;
  return [lastSecond(rollup, phase === 'warming up' ? null : elapsedMs), open, violations]
    .filter(Boolean)
    .join(' · ');
}

function lastSecond(rollup: Rollup, elapsedMs: number | null): string {
  if (elapsedMs === null) return counted(rollup.warmup.delivered, 'warm-up echo', 'warm-up echoes');
  const second = rollup.at(Math.floor(elapsedMs / 1000) - 1) ?? rollup.at(Math.floor(elapsedMs / 1000) - 2);
  if (second === null) return '';
  const response = second.histograms.response;
  const p50 = msText(response === undefined ? null : supportedValue(response.toHistogram(), 0.5));
  // A second rarely has the thousand samples that a p99 needs; the run so far soon does.
  const p99 = msText(supportedValue(rollup.histograms.response, 0.99));
  return `${second.measured.sent}/s sent · ${second.measured.delivered}/s back · p50 ${p50} · p99 so far ${p99}`;
}

function msText(milliseconds: number | null): string {
  return milliseconds === null ? '–' : `${milliseconds.toFixed(1)} ms`;
}

/** Planned length of a phase, for the bar and the time left; null where it is not known. */
function lengthOf(plan: Plan, phase: Phase): number | null {
  switch (phase) {
    case 'opening':
      return (plan.connections * 1000) / plan.connectRatePerSecond;
    case 'warming up':
      return plan.warmupMs;
    case 'measuring':
      return plan.durationMs;
    case 'draining':
      return plan.drainMs;
    default:
      return null;
  }
}

abstract class TimedProgress implements Progress {
  protected readonly options: ProgressOptions;
  protected current: Phase = 'probing';
  protected rollup: Rollup | null = null;
  #measuredFromMs = 0;
  #phaseFromMs = 0;
  #waiting: Waiting | null = null;
  readonly #timer: NodeJS.Timeout;

  constructor(options: ProgressOptions, everyMs: number) {
    this.options = options;
    this.#timer = setInterval(() => this.draw(), everyMs);
  }

  phase(phase: Phase, rollup: Rollup, startMs: number): void {
    this.current = phase;
    this.rollup = rollup;
    this.#phaseFromMs = startMs;
    this.#waiting = null;
    if (phase === 'measuring') this.#measuredFromMs = startMs;
    this.entered();
  }

  waiting(waiting: Waiting): void {
    this.#waiting = waiting;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  protected status(): string {
    if (this.#waiting !== null) return this.#waiting.what;
    if (this.rollup === null) return '';
    return statusOf(this.options.plan, this.current, this.rollup, this.options.now() - this.#measuredFromMs);
  }

  /** Milliseconds of the phase that are over and that it has; null when its length is not known. */
  protected position(): { readonly elapsedMs: number; readonly lengthMs: number } | null {
    const lengthMs =
      this.#waiting === null
        ? lengthOf(this.options.plan, this.current)
        : this.#waiting.untilMs - this.#phaseFromMs;
    if (lengthMs === null) return null;
    return { elapsedMs: Math.min(lengthMs, this.options.now() - this.#phaseFromMs), lengthMs };
  }

  protected isWaiting(): boolean {
    return this.#waiting !== null;
  }

  protected abstract entered(): void;
  protected abstract draw(): void;
}

class PlainProgress extends TimedProgress {
  /** What is waited for does not change every few seconds; saying it again would only fill a log. */
  #said = '';

  constructor(options: ProgressOptions) {
    super(options, PLAIN_LINE_MS);
  }

  protected entered(): void {
    const position = this.position();
    const length = position === null ? '' : ` (${(position.lengthMs / 1000).toFixed(0)} s)`;
    writeTo(this.options.stream, `${this.current}${length}`);
  }

  protected draw(): void {
    const status = this.status();
    if (status === '' || status === this.#said) return;
    this.#said = status;
    writeTo(this.options.stream, `  ${status}${this.#leftText()}`);
  }

  /** Only where something is waited for: a phase says how long it is when it begins. */
  #leftText(): string {
    const position = this.isWaiting() ? this.position() : null;
    if (position === null) return '';
    return ` (${Math.max(0, Math.ceil((position.lengthMs - position.elapsedMs) / 1000))} s left at most)`;
  }
}

class LiveProgress extends TimedProgress {
  readonly #bar: cliProgress.SingleBar;

  constructor(options: ProgressOptions) {
    super(options, REDRAW_MS);
    this.#bar = new cliProgress.SingleBar({
      stream: options.stream,
      format: '{phase} {bar} {left} {status}',
      barsize: 16,
      barCompleteChar: '━',
      barIncompleteChar: '─',
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      autopadding: true,
    });
    this.#bar.start(1, 0, this.#payload());
  }

  override close(): void {
    super.close();
    this.#bar.stop();
  }

  protected entered(): void {
    this.draw();
  }

  protected draw(): void {
    const position = this.position();
    this.#bar.update(
      position === null || position.lengthMs === 0 ? 0 : position.elapsedMs / position.lengthMs,
      this.#payload(),
    );
  }

  #payload(): object {
    const position = this.position();
    const left =
      position === null ? '' : `${Math.ceil((position.lengthMs - position.elapsedMs) / 1000)} s left`;
    return { phase: this.current.padEnd(15), left: left.padStart(10), status: printable(this.status()) };
  }
}

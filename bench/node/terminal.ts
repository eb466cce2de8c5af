/**
 * The one way out to a terminal or a CI log. Whatever is said may quote text from outside – a server's reason, a key of a
 * plan, a line of a stage's log – so every line is made visible here, at the end of its way, and none can be forgotten:
 * no escape sequence reaches a terminal, and no line is taken for a workflow command by GitHub's runner.
 */
import { visible, visibleJson } from '../model/visible.ts';

/** What `styleText` of Node sets and resets: bold, dim and colours (ECMA-48 section 8.3.117). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const STYLE = /(\x1b\[(?:1|2|22|3[0-7]|39|9[0-7])m)/;

/** The runner reads commands at the start of a line, and those of its older form anywhere (actions/runner, ActionCommand.cs). */
const COMMAND = /^(\s*):(?=:)|##(?=\[)/g;

/** One line as it is safe to write. */
export function printable(line: string): string {
  return visible(line).replace(COMMAND, (_, space: string | undefined) =>
    space === undefined ? '#\\u{23}' : `${space}\\u{3a}`,
  );
}

/** Lines of the text. What follows on the first is indented, so that no quoted line end forges a line of ours. */
export function printableLines(text: string): string[] {
  return text
    .split('\n')
    .map((line, index) => printable(index === 0 || line.startsWith(' ') ? line : `  ${line}`));
}

/** One line of ours, styled: its styles stay, and nothing else that is a sequence. */
export function printableStyled(line: string): string {
  const parts = line.split(STYLE);
  return parts.map((part, index) => (index % 2 === 1 ? part : printable(part))).join('');
}

/** Writes the text to the stream, line by line. */
export function writeTo(stream: NodeJS.WritableStream, text: string): void {
  stream.write(
    printableLines(text)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** Says it on stdout. */
export function print(text: string): void {
  writeTo(process.stdout, text);
}

/** Says it on stderr: what is no result. */
export function note(text: string): void {
  writeTo(process.stderr, text);
}

/** Lines of a summary on stdout, which may be styled as `styleText` does it. What they quote was made visible before. */
export function printStyled(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${printableStyled(line)}\n`);
}

/** A value on stdout, for programs. */
export function printJson(value: unknown, indent = 0): void {
  process.stdout.write(`${visibleJson(value, indent)}\n`, (error) => {
    const failure = failureOf(error);
    if (failure !== null) note(`error: standard output can't be written: ${failure}`);
  });
}

/** A workflow command, already escaped: for the runner on GitHub to obey. */
export function printCommand(command: string): void {
  process.stdout.write(`${command}\n`);
}

/**
 * Standard output and error are where a command tells people things. Whoever reads them may leave (`… | head`, a closed terminal),
 * and the disk behind them may be full; neither ends a run. Only a result that was asked for on standard output and could not be
 * written there is a failure.
 */

/** The reader left on purpose, as `head` does. */
const LEFT = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** Exit code of an operating error. */
const FAILED = 1;

let isGuarded = false;

/** From here on no error of either stream reaches anybody who does not ask for it. */
export function guardStandardStreams(): void {
  if (isGuarded) return;
  isGuarded = true;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Why a result for a program could not be written; null where it was, or where its reader left. Fails the command, too. */
function failureOf(error: NodeJS.ErrnoException | null | undefined): string | null {
  if (error === null || error === undefined || LEFT.has(error.code ?? '')) return null;
  // Whoever sets the command's own exit code may do so after this.
  process.once('exit', () => {
    process.exitCode ||= FAILED;
  });
  return error.message;
}

/** How long a standard error that nobody reads keeps the process from ending. */
const STALLED_MS = 3_000;

/**
 * Sees to it that the process ends when its work is done, whatever else has not ended: a call that nobody waits for, a pipe
 * of a process that is gone, a standard error that nobody reads. Standard output is waited for while somebody may read it.
 */
export function endWhenIdle(): void {
  setTimeout(() => {
    if (process.stdout.writableLength > 0 && !process.stdout.destroyed) endWhenIdle();
    else process.exit();
  }, STALLED_MS).unref();
}

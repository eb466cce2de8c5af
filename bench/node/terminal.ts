/**
 * The one way out to a terminal or a CI log. Whatever is said may quote text from outside – a server's reason, a key of a
 * plan, a line of a stage's log – so every line is made visible here, at the end of its way, and none can be forgotten:
 * no escape sequence reaches a terminal, and no line is taken for a workflow command by GitHub's runner.
 */
import { visible, visibleJson } from '../model/visible.ts';
import { failureOf } from './standard-streams.ts';

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

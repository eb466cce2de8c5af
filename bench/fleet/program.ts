/** Runs the command-line programs that engines are spoken to with. */
import { spawn } from 'node:child_process';
import { EngineError } from './engine.ts';

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  /** Given on standard input. */
  readonly input?: string;
  /** What to install when the program is missing. */
  readonly remedy: string;
}

/** Longest that a controller may take to answer. */
const PATIENCE_MS = 60_000;

/** What it printed. @throws EngineError when it is missing, fails or takes too long */
export function printed({ program, args, input, remedy }: ProgramRun): Promise<string> {
  return new Promise((resolve, reject) => {
    // Ctrl-C is for this process to answer: a process group of its own keeps the child from dying of it half-way.
    const child = spawn(program, [...args], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const text = error.code === 'ENOENT' ? `${program} is missing: ${remedy}` : error.message;
      reject(new EngineError(text));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(stdout);
      else
        reject(
          new EngineError(
            `${program} ${args[0] ?? ''} failed (${code ?? signal}): ${stderr.trim() || stdout.trim()}`,
          ),
        );
    });
    // A program that ends without reading is reported by its code.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

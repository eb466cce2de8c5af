/**
 * What every verb declares, read from the declarations themselves: a parser that only listens stands in for yargs. So that a
 * flag which a verb does not have can be refused with the name of the verb that has it.
 */
import type { Argv } from 'yargs';

/** A verb, or a verb of a verb. */
export interface VerbFlags {
  /** As it is typed: `run`, `stage up`. */
  readonly verb: string;
  /** With its positionals: `run [plan]`. */
  readonly usage: string;
  /** Without dashes. */
  readonly flags: readonly string[];
}

/** The verbs that the declarations add, those of a verb after it. */
export function verbFlags(declarations: readonly ((parser: Argv) => Argv)[]): VerbFlags[] {
  const verbs: VerbFlags[] = [];
  for (const declare of declarations) declare(listener([], [], verbs));
  return verbs;
}

/** Answers every call with itself; of `options` and `command` it takes note. */
function listener(path: readonly string[], flags: string[], verbs: VerbFlags[]): Argv {
  const parser: Argv = new Proxy({} as Argv, {
    get(_, method) {
      if (method === 'options')
        return (options: object) => {
          flags.push(...Object.keys(options));
          return parser;
        };
      if (method !== 'command') return () => parser;
      return (command: string, _description: string, builder?: (parser: Argv) => Argv) => {
        const inner = [...path, command.split(' ')[0]!];
        const own: string[] = [];
        verbs.push({ verb: inner.join(' '), usage: [...path, command].join(' '), flags: own });
        builder?.(listener(inner, own, verbs));
        return parser;
      };
    },
  });
  return parser;
}

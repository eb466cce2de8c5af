/**
 * Refuses what the command line has and the verb does not: unknown verbs, flags, arguments, and flags without their value.
 * A flag that did nothing would be taken for one that did: a job with another verb's `--slo` would be green for ever.
 */
import { nearest } from '../model/near-miss.ts';
import { type Arguments, argumentOf, flagsOf, nameOf, type Verb } from './verb.ts';

/** A command line, as typed and as parsed. */
export interface Line {
  readonly args: readonly string[];
  readonly argv: Arguments;
}

/** Flags of several verbs, or of other tools, that say the same. */
const SAME_IDEA: readonly (readonly string[])[] = [
  ['slo', 'threshold', 'goal'],
  ['rate', 'max-rate', 'rps', 'qps'],
  ['duration', 'probe-duration', 'time'],
  ['connections', 'clients', 'users', 'vus'],
  ['stage', 'stack', 'stack-name', 'url'],
  ['out', 'output', 'output-dir'],
  ['payload-bytes', 'size', 'message-size'],
];

/** Every problem of the command line that can be told without knowing what the verb does. */
export function flagProblems(given: Line, verbs: readonly Verb[]): string[] {
  if (given.argv.help === true || given.argv.version === true) return [];
  const words = (given.argv._ as string[]).map(String);
  const verb = verbOf(words, verbs);
  const unknownVerb = verb === undefined ? verbProblem(words, verbs) : null;
  if (unknownVerb !== null) return [unknownVerb];
  return [
    ...dashProblems(given.args),
    ...positionalProblems(given.args, verb!),
    ...unknownFlags(given, verb!).map((flag) => unknownFlagProblem(flag, given, verb!, verbs)),
    ...valueProblems(given, verb!),
    ...extraProblems(words, verb!),
  ];
}

/** The verb that the words name. */
export function verbOf(words: readonly string[], verbs: readonly Verb[]): Verb | undefined {
  return verbs.find((one) => nameOf(one) === words.slice(0, nameOf(one).split(' ').length).join(' '));
}

function verbProblem(words: readonly string[], verbs: readonly Verb[]): string {
  const names = verbs.map(nameOf);
  const parent = names.some((name) => name.startsWith(`${words[0]} `)) ? `${words[0]} ` : '';
  const siblings = names
    .filter((name) => name.startsWith(parent))
    .map((name) => name.slice(parent.length).split(' ')[0]!);
  const word = words[parent === '' ? 0 : 1] ?? '';
  const meant = nearest(word, siblings);
  const advice =
    meant === null
      ? `there are ${[...new Set(siblings)].join(', ')}`
      : `did you mean bench ${parent}${meant}?`;
  return `there is no command '${shown(`bench ${parent}${word}`)}'; ${advice}`;
}

/** Flags that every verb has. */
const COMMON = ['help', 'version'];

function unknownFlags({ args, argv }: Line, verb: Verb): string[] {
  const names = new Set(['_', '$0', 'h', ...COMMON, ...flagsOf(verb).keys(), argumentOf(verb)?.name]);
  const clustered = new Set(dashedWords(args).flatMap((word) => [...word.slice(1)]));
  return Object.keys(argv).filter((name) => !names.has(name) && !clustered.has(name));
}

/** The parser takes an argument as a flag too, and then one of both is ignored. */
function positionalProblems(args: readonly string[], verb: Verb): string[] {
  const name = argumentOf(verb)?.name;
  const isGiven =
    name !== undefined && args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  return isGiven ? [`--${name} is no flag; usage is bench ${verb.usage}`] : [];
}

/** `-rate` would be the flags r, a, t and e. */
function dashedWords(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).filter((arg) => /^-[A-Za-z][\w-]/.test(arg));
}

function dashProblems(args: readonly string[]): string[] {
  return dashedWords(args)
    .map((word) => word.replace(/=.*/s, ''))
    .map((word) => `${shown(word)}: flags have two dashes; write -${shown(word)}`);
}

function unknownFlagProblem(name: string, { args }: Line, verb: Verb, verbs: readonly Verb[]): string {
  const dashes = args.includes(`--no-${name}`) ? '--no-' : name.length === 1 ? '-' : '--';
  const flag = shown(`${dashes}${name}`);
  const flags = flagsOf(verb);
  const same = SAME_IDEA.find((names) => names.includes(name))?.find((other) => flags.has(other));
  const owners = verbs.filter((other) => flagsOf(other).has(name)).map(nameOf);
  if (owners.length > 0) return `${flag} is a flag of ${listed(owners)}; ${insteadOf(same, nameOf(verb))}`;
  const meant = same ?? nearest(name, [...flags.keys(), ...COMMON]);
  if (meant !== null) return `${flag}: ${nameOf(verb)} has no such flag; did you mean --${meant}?`;
  return `${flag}: ${nameOf(verb)} has no such flag; bench ${nameOf(verb)} --help lists what it has`;
}

function insteadOf(same: string | undefined, verb: string): string {
  return same === undefined ? `${verb} has none like it, leave it out` : `for ${verb} use --${same}`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Flags whose value is missing, and flags that take none and have one. */
function valueProblems({ args, argv }: Line, verb: Verb): string[] {
  const flags = [...flagsOf(verb)];
  const empty = flags.filter(([name, { shape }]) => shape !== 'switch' && [argv[name]].flat().includes(''));
  const filled = flags.filter(
    ([name, { shape }]) =>
      shape === 'switch' && args.some((arg) => arg.startsWith(`--${name}=`) && !/=(true|false)$/.test(arg)),
  );
  return [
    ...empty.map(([name]) => `${name}: has no value; write one after --${name}, or leave it out`),
    ...filled.map(([name]) => `${name}: takes no value; write --${name} alone, or leave it out`),
  ];
}

function extraProblems(words: readonly string[], verb: Verb): string[] {
  const name = nameOf(verb);
  const takesFlags = flagsOf(verb).has('name') ? 'use --name' : `bench ${name} takes flags only`;
  const remedy = argumentOf(verb) === null ? takesFlags : `usage is bench ${verb.usage}`;
  return words.slice(name.split(' ').length).map((word) => `unexpected argument '${shown(word)}'; ${remedy}`);
}

/** What was typed, where it can hold no secret: the query of a URL and the value of a header may. */
function shown(word: string): string {
  return /^[\w.,/:+ -]{1,80}$/.test(word) && !/: |:\S*@/.test(word) ? word : '…';
}

/** A value that begins with a minus and a digit would be taken for flags: `--duration -5s` is told as `--duration=-5s`. */
export function withSignedValues(args: readonly string[]): string[] {
  const isSigned = (arg: string | undefined) => arg !== undefined && /^-\.?\d/.test(arg);
  const isFlag = (arg: string | undefined) => arg !== undefined && /^--[^=]+$/.test(arg);
  return args.flatMap((arg, at) => {
    if (isSigned(arg) && isFlag(args[at - 1])) return [];
    return isFlag(arg) && isSigned(args[at + 1]) ? [`${arg}=${args[at + 1]}`] : [arg];
  });
}

/** A complaint of yargs as ours are worded. */
export function plainly(message: string): string {
  const value = /^Not enough arguments following: (.+)$/.exec(message)?.[1];
  if (value !== undefined) return `${value}: has no value; write one after --${value}, or leave it out`;
  if (message.startsWith('Not enough non-option arguments')) return 'an argument is missing; see --help';
  return message;
}

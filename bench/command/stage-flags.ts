/** The flags of `bench stage up|status|down` as the commands want them: every problem is found at once. */

import { parseDollars, parseDuration } from '../model/duration.ts';
import { ConfigurationError } from '../model/failure.ts';
import { REGION_NAME, STACK_NAME, stackArnOf } from '../model/stage-name.ts';

/** What all three verbs have. */
export interface StageFlags {
  readonly name: string;
  /** Null is the SDK's default. */
  readonly region: string | null;
  /** Null is the reference stack. */
  readonly template: string | null;
}

const text = (describe: string) => ({ type: 'string', describe }) as const;
const list = (describe: string) => ({ type: 'string', array: true, nargs: 1, describe }) as const;
const flag = (describe: string) => ({ type: 'boolean', default: false, describe }) as const;

const COMMON = {
  name: text('name of the stack'),
  region: text('AWS region (default: that of the environment or profile)'),
};
const TEMPLATE = text('CloudFormation template (default: the reference stack)');
const QUIET = flag('leave out who acts, the changes and the events');

/** What the command line declares for `bench stage up`. */
export const STAGE_UP_FLAGS = {
  ...COMMON,
  template: TEMPLATE,
  parameter: list('Key=Value: template parameter; one that is not given keeps its value'),
  tag: list('Key=Value: tag of the stack and its resources'),
  capability: list(
    'what the template is allowed: CAPABILITY_NAMED_IAM or CAPABILITY_AUTO_EXPAND, where it needs them',
  ),
  yes: flag('do not ask; needed off a terminal to remove or replace resources'),
  'max-cost': text('refuse a stack whose idle cost is above this, in US dollars an hour'),
  validate: {
    type: 'boolean',
    default: true,
    describe:
      'check the template with AWS’s offline validator first, which takes seconds and half a gigabyte',
  } as const,
  adopt: flag('take over an existing stack that this tool did not make'),
  quiet: QUIET,
};

const EXISTING = { ...COMMON, name: text('name or ARN of the stack') };

export const STAGE_STATUS_FLAGS = {
  ...EXISTING,
  template: TEMPLATE,
  json: flag('print JSON and nothing else'),
};

export const STAGE_DOWN_FLAGS = {
  ...EXISTING,
  yes: flag('do not ask'),
  wait: text('how long to wait for what AWS is doing to the stack, such as 15m (default: not at all)'),
  quiet: QUIET,
};

export const STAGE_CLEAN_FLAGS = {
  prefix: text('what the names of the stacks begin with; at least three characters'),
  'older-than': text('how long nobody has changed them, such as 6h'),
  region: COMMON.region,
  'dry-run': flag('name them and delete nothing'),
};

/** Flags as the command line has them; what a verb does not have is undefined. */
export type GivenFlags = Readonly<Record<string, unknown>>;

/** Gathers problems while flags are read. */
export class FlagReader {
  readonly #flags: GivenFlags;
  readonly #problems: string[] = [];

  constructor(flags: GivenFlags) {
    this.#flags = flags;
  }

  /** Of a flag that was repeated the last one counts, so that a script's flags can be overridden. */
  text(name: string): string | null {
    const value = this.#flags[name];
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    if (name === 'name' && Array.isArray(value))
      this.problem(`name: is given ${value.length} times; name one stack at a time`);
    if (last === '') this.problem(`${name}: is empty`);
    return last === undefined || last === '' ? null : String(last);
  }

  boolean(name: string): boolean {
    return this.#flags[name] === true;
  }

  /** Values of a flag that is repeatable. */
  list(name: string): string[] {
    const values = this.#flags[name];
    return Array.isArray(values) ? values.map(String) : [];
  }

  /** `Key=Value`, repeatable. */
  map(name: string): Readonly<Record<string, string>> {
    const map: Record<string, string> = {};
    for (const pair of this.list(name)) {
      const at = pair.indexOf('=');
      if (at < 1) this.problem(`${name}: '${pair}' is not Key=Value`);
      else map[pair.slice(0, at)] = pair.slice(at + 1);
    }
    return map;
  }

  /** An amount of money; null where it is not given. */
  dollars(name: string): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const dollars = parseDollars(text.replace(/^\$/, ''));
    if (dollars === null) this.problem(`${name}: '${text}' is not an amount in US dollars such as 0.50`);
    return dollars;
  }

  /** Milliseconds; null where it is not given. */
  duration(name: string): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const ms = parseDuration(text);
    if (ms === null) this.problem(`${name}: '${text}' is not a duration such as 15m or 90s`);
    return ms;
  }

  /** The flags that all verbs have; `isArnTaken` where the stack exists, so that its ARN will do for a name. */
  stage(isArnTaken = false): StageFlags {
    const name = this.text('name') ?? '';
    const home = isArnTaken ? stackArnOf(name) : null;
    if (name === '') this.problem('name: give the name of the stack with --name STACK');
    else if (home === null && stackArnOf(name) !== null)
      this.problem('name: an ARN is of a stack that exists; say the name and --region to deploy it');
    else if (home === null && !STACK_NAME.test(name)) {
      this.problem(
        `name: '${name}' is no name of a stack: up to 128 letters, digits and dashes, beginning with a letter`,
      );
    }
    const region = this.text('region');
    if (region !== null && !REGION_NAME.test(region))
      this.problem(`region: '${region}' is not a region such as us-east-1`);
    else if (region !== null && home !== null && region !== home.region)
      this.problem(`region: ${region} contradicts the ARN, which is of ${home.region}; leave --region out`);
    return { name, region, template: this.text('template') };
  }

  problem(sentence: string): void {
    this.#problems.push(sentence);
  }

  /** Throws a ConfigurationError when there are problems. */
  assertSound(): void {
    if (this.#problems.length > 0) throw new ConfigurationError(this.#problems);
  }
}

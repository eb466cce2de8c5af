/**
 * Names, and the pseudo parameters they are made of. Every resource gets a physical id and attributes in AWS's forms, so
 * that whatever parses an ARN, a URL or an id finds what it would find on AWS. Random parts come from the generator given.
 * What CloudFormation names itself it names stack-LogicalId-RANDOM, cut to the service's limit.
 */
import { partition } from '@aws-sdk/core/client';
import type { Random } from '../../bench/ports.ts';
import type { Problems } from './problems.ts';
import { NO_VALUE, type Value, type ValueMapping } from './value.ts';

/** What Ref and Fn::GetAtt give. */
export interface Identity {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What names are made from. */
export interface Account {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly random: Random;
}

/** The property that holds a resource's name, and how many characters its service takes. */
export interface NamedProperty {
  readonly property: string;
  readonly limit: number;
}

/** Where CloudFormation names a resource and the type has no property for it. */
const NAMELESS: NamedProperty = { property: '', limit: 64 };

const LOWERCASE_DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UPPERCASE_DIGITS = LOWERCASE_DIGITS.toUpperCase();
const HEXADECIMAL = '0123456789abcdef';
/** Length of the random part of a generated name. */
const SUFFIX_LENGTH = 12;

/** AWS's partition and domain of a region, as the SDK knows them. */
export function partitionOf(region: string): { readonly partition: string; readonly urlSuffix: string } {
  const { name, dnsSuffix } = partition(region);
  return { partition: name, urlSuffix: dnsSuffix };
}

/** `length` characters of `alphabet`. */
function randomText(random: Random, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[Math.floor(random.next() * alphabet.length)]).join('');
}

/** A version 4 UUID (RFC 9562). */
export function randomUuid(random: Random): string {
  const hex = randomText(random, HEXADECIMAL, 32);
  const variant = '89ab'[Math.floor(random.next() * 4)];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** What a resource's identity is made of: its account, its checked properties, and chance. */
export class Naming {
  readonly #account: Account;
  readonly #logicalId: string;
  readonly #properties: ValueMapping;
  readonly #named: NamedProperty;

  constructor(account: Account, logicalId: string, properties: ValueMapping, named: NamedProperty | null) {
    this.#account = account;
    this.#logicalId = logicalId;
    this.#properties = properties;
    this.#named = named ?? NAMELESS;
  }

  get accountId(): string {
    return this.#account.accountId;
  }

  get random(): Random {
    return this.#account.random;
  }

  /** The text of a property; empty where there is none. */
  text(property: string): string {
    const value = this.#properties[property];
    return typeof value === 'string' ? value : '';
  }

  /** The name given in the resource's property for it, or a generated one. */
  name(): string {
    const { property, limit } = this.#named;
    const given = this.#properties[property];
    if (typeof given === 'string') return given;
    const { stackName } = this.#account;
    const room = limit - SUFFIX_LENGTH - 2;
    const logicalId = this.#logicalId.slice(0, Math.max(room - stackName.length, Math.floor(room / 2)));
    return `${stackName.slice(0, room - logicalId.length)}-${logicalId}-${this.upperCase(SUFFIX_LENGTH)}`;
  }

  /** Random lower-case letters and digits, as the gateway's ids have them. */
  lowerCase(length: number): string {
    return randomText(this.random, LOWERCASE_DIGITS, length);
  }

  upperCase(length: number): string {
    return randomText(this.random, UPPERCASE_DIGITS, length);
  }

  /** The ARN of something in the stack's region and account. */
  arn(service: string, resource: string, region: string = this.#account.region): string {
    return `arn:${partitionOf(this.#account.region).partition}:${service}:${region}:${this.accountId}:${resource}`;
  }

  /** The host of a service, or of something of it, in the stack's region. */
  host(service: string): string {
    const { region } = this.#account;
    return `${service}.${region}.${partitionOf(region).urlSuffix}`;
  }
}

/** A resource known by a short id, which one attribute repeats. */
export function shortId(attribute: string, length: number) {
  return (naming: Naming): Identity => {
    const physicalId = naming.lowerCase(length);
    return { physicalId, attributes: { [attribute]: physicalId } };
  };
}

/** A resource known by a name that CloudFormation makes up, which the attribute `Id` repeats. */
export function generatedId(naming: Naming): Identity {
  const name = naming.name();
  return { physicalId: name, attributes: { Id: name } };
}

/**
 * The pseudo parameters of a stack, by full name; `stackId` is null for a new one. Reports a stack name that
 * CloudFormation would not take.
 */
export function pseudoParameters(
  account: Account,
  stackId: string | null,
  problems: Problems,
): ReadonlyMap<string, Value> {
  const { stackName, region, accountId } = account;
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(stackName)) {
    problems.add(
      'AWS::StackName',
      `"${stackName}" must start with a letter and have letters, digits and hyphens, at most 128`,
    );
  }
  const { partition, urlSuffix } = partitionOf(region);
  return new Map<string, Value>([
    ['AWS::AccountId', accountId],
    ['AWS::NoValue', NO_VALUE],
    ['AWS::NotificationARNs', []],
    ['AWS::Partition', partition],
    ['AWS::Region', region],
    ['AWS::StackId', stackId ?? newStackId(account, partition)],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', urlSuffix],
  ]);
}

function newStackId({ region, accountId, stackName, random }: Account, partition: string): string {
  const uuid = randomUuid(random.fork('stack'));
  return `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/${uuid}`;
}

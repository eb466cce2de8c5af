/**
 * Names. Gives every resource a physical id and attributes in AWS's forms, so that whatever parses an ARN, a URL or an
 * id finds what it would find on AWS. Random parts come from the generator given. What CloudFormation names itself it
 * names stack-LogicalId-RANDOM, cut to the service's limit.
 */
import { partition } from '@aws-sdk/core/client';
import type { Random } from '../../bench/ports.ts';
import type { Value } from './value.ts';

/** What Ref and Fn::GetAtt give. */
export interface Identity {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The place and the chance that names are made from. */
export interface Account {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly random: Random;
}

interface Naming extends Account {
  readonly logicalId: string;
  readonly properties: { readonly [name: string]: Value };
}

const LOWERCASE_DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UPPERCASE_DIGITS = LOWERCASE_DIGITS.toUpperCase();
const HEXADECIMAL = '0123456789abcdef';
/** Length of the random part of a generated name. */
const SUFFIX_LENGTH = 12;
/** Consumers are stamped with their creation time in seconds. Nothing reads it, so chance stands in for a clock. */
const FIRST_STAMP = 1_700_000_000;
const STAMP_RANGE = 100_000_000;

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

/** The ARN of something in the stack's region and account. */
function arn({ region, accountId }: Account, service: string, resource: string): string {
  return `arn:${partitionOf(region).partition}:${service}:${region}:${accountId}:${resource}`;
}

function globalArn({ region, accountId }: Account, service: string, resource: string): string {
  return `arn:${partitionOf(region).partition}:${service}::${accountId}:${resource}`;
}

/** The name given in a property, or a generated one of at most `lengthLimit` characters. */
export function nameOf(naming: Naming, property: string, lengthLimit: number): string {
  const given = naming.properties[property];
  if (typeof given === 'string') return given;
  const room = lengthLimit - SUFFIX_LENGTH - 2;
  const logicalId = naming.logicalId.slice(0, Math.max(room - naming.stackName.length, Math.floor(room / 2)));
  const stackName = naming.stackName.slice(0, room - logicalId.length);
  return `${stackName}-${logicalId}-${randomText(naming.random, UPPERCASE_DIGITS, SUFFIX_LENGTH)}`;
}

/** A resource known by a short id, which one attribute repeats. */
function shortId(attribute: string, length: number) {
  return ({ random }: Naming): Identity => {
    const physicalId = randomText(random, LOWERCASE_DIGITS, length);
    return { physicalId, attributes: { [attribute]: physicalId } };
  };
}

function textProperty({ properties }: Naming, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : '';
}

function api(naming: Naming): Identity {
  const id = randomText(naming.random, LOWERCASE_DIGITS, 10);
  const host = `${id}.execute-api.${naming.region}.${partitionOf(naming.region).urlSuffix}`;
  const attributes = {
    ApiId: id,
    ApiEndpoint: `wss://${host}`,
    ExecuteApiArn: arn(naming, 'execute-api', id),
  };
  return { physicalId: id, attributes };
}

function stage(naming: Naming): Identity {
  const name = textProperty(naming, 'StageName');
  return { physicalId: name, attributes: { Id: name } };
}

function stream(naming: Naming): Identity {
  const name = nameOf(naming, 'Name', 128);
  return { physicalId: name, attributes: { Arn: arn(naming, 'kinesis', `stream/${name}`) } };
}

function consumer(naming: Naming): Identity {
  const name = textProperty(naming, 'ConsumerName');
  const streamArn = textProperty(naming, 'StreamARN');
  const stamp = String(FIRST_STAMP + Math.floor(naming.random.next() * STAMP_RANGE));
  const consumerArn = `${streamArn}/consumer/${name}:${stamp}`;
  return {
    physicalId: consumerArn,
    attributes: {
      ConsumerARN: consumerArn,
      ConsumerName: name,
      ConsumerStatus: 'ACTIVE',
      ConsumerCreationTimestamp: stamp,
      StreamARN: streamArn,
    },
  };
}

function lambda(naming: Naming): Identity {
  const name = nameOf(naming, 'FunctionName', 64);
  return { physicalId: name, attributes: { Arn: arn(naming, 'lambda', `function:${name}`) } };
}

function mapping(naming: Naming): Identity {
  const uuid = randomUuid(naming.random);
  const attributes = {
    Id: uuid,
    EventSourceMappingArn: arn(naming, 'lambda', `event-source-mapping:${uuid}`),
  };
  return { physicalId: uuid, attributes };
}

function generated(attribute: string) {
  return (naming: Naming): Identity => {
    const name = nameOf(naming, '', 64);
    return { physicalId: name, attributes: { [attribute]: name } };
  };
}

function role(naming: Naming): Identity {
  const name = nameOf(naming, 'RoleName', 64);
  const path = textProperty(naming, 'Path') || '/';
  const roleId = `AROA${randomText(naming.random, UPPERCASE_DIGITS, 17)}`;
  return {
    physicalId: name,
    attributes: { Arn: globalArn(naming, 'iam', `role${path}${name}`), RoleId: roleId },
  };
}

function logGroup(naming: Naming): Identity {
  const name = nameOf(naming, 'LogGroupName', 512);
  return { physicalId: name, attributes: { Arn: arn(naming, 'logs', `log-group:${name}:*`) } };
}

function queue(naming: Naming): Identity {
  const name = nameOf(naming, 'QueueName', 80);
  const url = `https://sqs.${naming.region}.${partitionOf(naming.region).urlSuffix}/${naming.accountId}/${name}`;
  return { physicalId: url, attributes: { Arn: arn(naming, 'sqs', name), QueueName: name, QueueUrl: url } };
}

const MAKERS: Readonly<Record<string, (naming: Naming) => Identity>> = {
  'AWS::ApiGatewayV2::Api': api,
  'AWS::ApiGatewayV2::Route': shortId('RouteId', 7),
  'AWS::ApiGatewayV2::Integration': shortId('IntegrationId', 7),
  'AWS::ApiGatewayV2::Stage': stage,
  'AWS::ApiGatewayV2::Deployment': shortId('DeploymentId', 6),
  'AWS::ApiGateway::Account': generated('Id'),
  'AWS::Kinesis::Stream': stream,
  'AWS::Kinesis::StreamConsumer': consumer,
  'AWS::Lambda::Function': lambda,
  'AWS::Lambda::EventSourceMapping': mapping,
  'AWS::Lambda::Permission': generated('Id'),
  'AWS::IAM::Role': role,
  'AWS::IAM::Policy': generated('Id'),
  'AWS::Logs::LogGroup': logGroup,
  'AWS::SQS::Queue': queue,
};

/** Names a resource from its checked properties. Every type of the type table has a maker. */
export function identify(type: string, naming: Naming): Identity {
  const make = MAKERS[type];
  if (make === undefined) throw new Error(`no physical id is defined for ${type}`);
  return make(naming);
}

/** Actions on registered consumers: list, describe, register, deregister. A consumer here is ACTIVE as soon as it exists. */
import type {
  Consumer,
  DeregisterStreamConsumerInput,
  DescribeStreamConsumerInput,
  DescribeStreamConsumerOutput,
  ListStreamConsumersInput,
  ListStreamConsumersOutput,
  RegisterStreamConsumerInput,
  RegisterStreamConsumerOutput,
} from '@aws-sdk/client-kinesis';
import { z } from 'zod';
import { AwsError } from '../endpoints/action.ts';
import {
  epochNow,
  invalidArgument,
  invalidMember,
  type KinesisActionsOptions,
  numberBetween,
  sealed,
  streamOf,
  unsealed,
} from './action-context.ts';
import type { EventSource } from './kinesis.ts';

const MAX_RESULTS = 100;
const NAME = /^[a-zA-Z0-9_.-]{1,128}$/;

const place = z.object({ after: z.number().int().nonnegative() });

interface ConsumerName {
  readonly ConsumerARN?: string | undefined;
  readonly ConsumerName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

export function listStreamConsumers(
  options: KinesisActionsOptions,
  input: ListStreamConsumersInput,
): ListStreamConsumersOutput {
  const stream = streamOf(options, { StreamARN: input.StreamARN });
  const limit = numberBetween('maxResults', input.MaxResults, [1, 10_000], MAX_RESULTS);
  const token =
    input.NextToken === undefined ? { after: 0 } : place.safeParse(unsealed(input.NextToken)).data;
  if (!token) throw invalidArgument('NextToken is invalid.');
  const left = options.kinesis.consumersOf(stream).slice(token.after);
  return {
    Consumers: left.slice(0, limit).map(consumerView),
    ...(left.length > limit ? { NextToken: sealed({ after: token.after + limit }) } : {}),
  };
}

export function describeStreamConsumer(
  options: KinesisActionsOptions,
  input: DescribeStreamConsumerInput,
): DescribeStreamConsumerOutput {
  const consumer = consumerOf(options, input);
  return { ConsumerDescription: { ...consumerView(consumer), StreamARN: consumer.stream.arn } };
}

export function registerStreamConsumer(
  options: KinesisActionsOptions,
  input: RegisterStreamConsumerInput,
): RegisterStreamConsumerOutput {
  const stream = streamOf(options, { StreamARN: input.StreamARN });
  const name = input.ConsumerName ?? '';
  if (!NAME.test(name))
    throw invalidMember(
      'consumerName',
      name,
      'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+',
    );
  const arn = `${stream.arn}/consumer/${name}:${Math.floor(epochNow(options.clock) / 1_000)}`;
  options.kinesis.addConsumer({
    logicalId: name,
    type: 'AWS::Kinesis::StreamConsumer',
    physicalId: arn,
    attributes: { ConsumerARN: arn },
    properties: { ConsumerName: name, StreamARN: stream.arn },
  });
  return { Consumer: consumerView(options.kinesis.eventSource(arn)!) };
}

export function deregisterStreamConsumer(
  options: KinesisActionsOptions,
  input: DeregisterStreamConsumerInput,
): object {
  options.kinesis.removeConsumer(consumerOf(options, input).arn);
  return {};
}

/** A consumer by its ARN, or by its name and its stream's ARN. Throws ResourceNotFoundException. */
export function consumerOf(options: KinesisActionsOptions, input: ConsumerName): EventSource {
  const { kinesis, accountId } = options;
  if (input.ConsumerARN !== undefined) {
    const consumer = kinesis.eventSource(input.ConsumerARN);
    if (consumer?.kind === 'fanOut') return consumer;
    const text = `Consumer ${input.ConsumerARN} under account ${accountId} not found.`;
    throw new AwsError('ResourceNotFoundException', text);
  }
  if (input.StreamARN === undefined || input.ConsumerName === undefined)
    throw invalidArgument('Either ConsumerARN, or StreamARN and ConsumerName must be given.');
  const stream = streamOf(options, { StreamARN: input.StreamARN });
  const named = kinesis.consumersOf(stream).find((one) => one.consumerName === input.ConsumerName);
  if (named) return named;
  const text = `Consumer ${input.ConsumerName} under stream ${stream.name} not found for account ${accountId}.`;
  throw new AwsError('ResourceNotFoundException', text);
}

function consumerView(consumer: EventSource): Consumer {
  return {
    ConsumerName: consumer.consumerName ?? '',
    ConsumerARN: consumer.arn,
    ConsumerStatus: 'ACTIVE',
    ConsumerCreationTimestamp: new Date(consumer.createdEpochMs),
  };
}

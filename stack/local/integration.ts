/**
 * A route's integration: what the gateway does with a message. The one kind that matters here is the AWS service
 * integration that renders a request template and calls Kinesis PutRecord with the result; a MOCK answers at once. How
 * a call can fail follows the gateway's metrics: refused before the call (ClientError), the service answered with an
 * error (IntegrationError), the call itself could not be made (ExecutionError).
 */
import type { MessageBody } from './message-body.ts';
import type { KinesisWriter, PutRecordInput } from './ports.ts';
import type { SelectionExpression } from './selection-expression.ts';
import type { MappingTemplate } from './vtl.ts';
import type { TemplateVariables } from './vtl-variables.ts';

/** Which messages reach the service unchanged when no template is meant for them (CloudFormation, PassthroughBehavior). */
export type Passthrough = 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER';

export type IntegrationConfig =
  | { readonly kind: 'mock' }
  | {
      readonly kind: 'putRecord';
      readonly templates: ReadonlyMap<string, MappingTemplate>;
      readonly selectTemplate: SelectionExpression;
      readonly passthrough: Passthrough;
    };

export type IntegrationOutcome =
  | { readonly kind: 'ok' }
  /** No template takes the message and it may not pass through: HTTP 415. */
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'integrationError'; readonly detail: string }
  | { readonly kind: 'executionError'; readonly detail: string };

export interface Integration {
  perform(variables: TemplateVariables): Promise<IntegrationOutcome>;
}

const OK: IntegrationOutcome = { kind: 'ok' };

const MOCK: Integration = { perform: () => Promise.resolve(OK) };

class PutRecordIntegration implements Integration {
  readonly #config: IntegrationConfig & { readonly kind: 'putRecord' };
  readonly #kinesis: KinesisWriter;

  constructor(config: IntegrationConfig & { readonly kind: 'putRecord' }, kinesis: KinesisWriter) {
    this.#config = config;
    this.#kinesis = kinesis;
  }

  async perform(variables: TemplateVariables): Promise<IntegrationOutcome> {
    try {
      const request = this.#request(variables);
      if (request === null) return { kind: 'unsupported' };
      const input = putRecordInput(request);
      if (input === null) return { kind: 'integrationError', detail: 'SerializationException' };
      const result = await this.#kinesis.putRecord(input);
      return result.ok ? OK : { kind: 'integrationError', detail: result.code };
    } catch (error) {
      return { kind: 'executionError', detail: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Body of the service request; null when the message may not pass. */
  #request(variables: TemplateVariables): string | null {
    const template = this.#template(variables.body);
    if (template !== undefined) return template.render(variables);
    const { passthrough, templates } = this.#config;
    const passes =
      passthrough === 'WHEN_NO_MATCH' || (passthrough === 'WHEN_NO_TEMPLATES' && templates.size === 0);
    return passes ? variables.body.text : null;
  }

  #template(body: MessageBody): MappingTemplate | undefined {
    const { templates, selectTemplate } = this.#config;
    return templates.get(selectTemplate.select(body)) ?? templates.get('$default');
  }
}

/** The parameters of PutRecord; null where Kinesis could not read them either. */
function putRecordInput(request: string): PutRecordInput | null {
  let input: Partial<Record<keyof PutRecordInput, unknown>>;
  try {
    input = JSON.parse(request);
  } catch {
    return null;
  }
  if (typeof input !== 'object' || input === null) return null;
  const isReadable = typeof input.Data === 'string' && typeof input.PartitionKey === 'string';
  return isReadable ? (input as PutRecordInput) : null;
}

/** The integration of a configuration. */
export function integrationOf(config: IntegrationConfig, kinesis: KinesisWriter): Integration {
  return config.kind === 'mock' ? MOCK : new PutRecordIntegration(config, kinesis);
}

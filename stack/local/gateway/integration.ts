/**
 * Renders the request template for a message and calls Kinesis PutRecord with it, within a time limit. Failures are
 * told apart as by the gateway's metrics: refused before the call (ClientError), an error of the service
 * (IntegrationError), a call that could not be made or brought to an end (ExecutionError).
 */
import type { Clock } from '../../../bench/ports.ts';
import type { KinesisWriter, PutRecordInput } from '../ports.ts';
import { Deadlines } from './delay-line.ts';
import type { MessageBody, SelectionExpression } from './message-body.ts';
import type { MappingTemplate } from './vtl.ts';
import type { TemplateVariables } from './vtl-variables.ts';

/** Which messages reach the service unchanged when no template is meant for them (CloudFormation, PassthroughBehavior). */
export type Passthrough = 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER';

export interface IntegrationConfig {
  readonly templates: ReadonlyMap<string, MappingTemplate>;
  readonly selectTemplate: SelectionExpression;
  readonly passthrough: Passthrough;
  readonly timeoutMs: number;
}

export type IntegrationOutcome =
  | { readonly kind: 'ok' }
  /** No template takes the message and it may not pass through: HTTP 415. */
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'integrationError'; readonly detail: string }
  | { readonly kind: 'executionError'; readonly detail: string }
  | { readonly kind: 'timedOut' };

const OK: IntegrationOutcome = { kind: 'ok' };
const TIMED_OUT: IntegrationOutcome = { kind: 'timedOut' };

/** The message that a put is made of. */
export type PutMessage = Pick<TemplateVariables, 'context' | 'body'>;

/** The stream as integrations write to it: a {@link KinesisWriter}, or a wrapper that also needs the message. */
export interface MessageWriter {
  putRecord(input: PutRecordInput, message: PutMessage): ReturnType<KinesisWriter['putRecord']>;
}

class Integration {
  readonly #config: IntegrationConfig;
  readonly #kinesis: MessageWriter;
  readonly #deadlines: Deadlines;

  constructor(config: IntegrationConfig, kinesis: MessageWriter, clock: Clock) {
    this.#config = config;
    this.#kinesis = kinesis;
    this.#deadlines = new Deadlines(clock, config.timeoutMs);
  }

  /** Never rejects: every way to fail is an outcome. */
  async perform(variables: TemplateVariables): Promise<IntegrationOutcome> {
    try {
      const request = this.#request(variables);
      if (request === null) return { kind: 'unsupported' };
      const input = putRecordInput(request);
      if (input === null) return { kind: 'integrationError', detail: 'SerializationException' };
      return await this.#deadlines.race(this.#put(input, variables), TIMED_OUT);
    } catch (error) {
      return { kind: 'executionError', detail: error instanceof Error ? error.message : String(error) };
    }
  }

  get isIdle(): boolean {
    return this.#deadlines.isIdle;
  }

  close(): void {
    this.#deadlines.close();
  }

  async #put(input: PutRecordInput, message: PutMessage): Promise<IntegrationOutcome> {
    const result = await this.#kinesis.putRecord(input, message);
    return result.ok ? OK : { kind: 'integrationError', detail: result.code };
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

/** The routes of an API, and how a message chooses among them. */
export interface RoutesConfig {
  readonly selectRoute: SelectionExpression;
  /** By route key. */
  readonly routes: ReadonlyMap<string, IntegrationConfig>;
}

interface Route {
  readonly key: string;
  readonly integration: Integration;
}

/**
 * Which route a message takes ("Working with routes for WebSocket APIs", API Gateway developer guide): the route
 * selection expression names the key; a body that is not JSON, and a key no route has, go to `$default`.
 */
export class RouteTable {
  readonly #select: SelectionExpression;
  readonly #routes = new Map<string, Route>();

  constructor(config: RoutesConfig, kinesis: MessageWriter, clock: Clock) {
    this.#select = config.selectRoute;
    for (const [key, integration] of config.routes) {
      this.#routes.set(key, { key, integration: new Integration(integration, kinesis, clock) });
    }
  }

  /** The route of a message; undefined when no route takes it: then the client gets `Forbidden`. */
  routeOf(body: MessageBody): Route | undefined {
    const fallback = this.#routes.get('$default');
    if (!this.#select.isStatic && !body.isJson) return fallback;
    return this.#routes.get(this.#select.select(body)) ?? fallback;
  }

  get isIdle(): boolean {
    return [...this.#routes.values()].every(({ integration }) => integration.isIdle);
  }

  close(): void {
    for (const { integration } of this.#routes.values()) integration.close();
  }
}

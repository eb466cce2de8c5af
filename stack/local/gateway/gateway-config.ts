/**
 * Turns the API Gateway resources of a template into what the gateway runs. The resolver has checked types,
 * properties and links; what only shows among routes or inside templates and expressions is found here, all of it at
 * once.
 */

import type { ResourceType } from '../../template/resource-type.ts';
import { API } from '../../template/resources/api.ts';
import { INTEGRATION } from '../../template/resources/integration.ts';
import { ROUTE } from '../../template/resources/route.ts';
import { STAGE } from '../../template/resources/stage.ts';
import type { ResolvedResource, ResolvedStack } from '../../template/value.ts';
import { StageConfigurationError } from '../errors.ts';
import type { RateLimit } from '../profile.ts';
import type { IntegrationConfig, Passthrough, RoutesConfig } from './integration.ts';
import { MessageBody, type SelectionExpression, selectionExpression } from './message-body.ts';
import { MappingTemplate } from './vtl.ts';

export interface StageConfig {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The stage's own throttle; null when the template sets none. */
  readonly throttle: RateLimit | null;
  /** Whether its metrics are published by route too. */
  readonly detailedMetrics: boolean;
}

export interface GatewayConfig extends RoutesConfig {
  readonly apiId: string;
  /** Where AWS would serve it: `abc123.execute-api.us-east-1.amazonaws.com`. */
  readonly domainName: string;
  /** By stage name. */
  readonly stages: ReadonlyMap<string, StageConfig>;
  /** What is accepted and deserves a word: templates that no message can select. */
  readonly notes: readonly string[];
}

/** Routes of the connection's life cycle; they carry no message. */
const LIFE_CYCLE_ROUTES: ReadonlySet<string> = new Set(['$connect', '$disconnect']);

/** What an integration gets when it names no time limit, and the most it can have (quotas of WebSocket APIs). */
const INTEGRATION_TIMEOUT_MS = 29_000;

/** Means the template that the key `$default` names. */
const DEFAULT_SELECTION = '\\$default';

/** For expressions that don't look at it. */
const NO_BODY = new MessageBody('');

/** What a stage is created with ("Create a stage", API Gateway guide); stands in for whichever of the two is not given. */
const DEFAULT_THROTTLE: RateLimit = { perSecond: 10_000, burst: 5_000 };

/** Properties that take effect here, as the resolver has checked them. */
interface Properties {
  readonly RouteSelectionExpression?: string;
  readonly TemplateSelectionExpression?: string;
  readonly RequestTemplates?: Readonly<Record<string, string>>;
  readonly PassthroughBehavior?: Passthrough;
  readonly TimeoutInMillis?: number;
  readonly RouteKey?: string;
  readonly Target?: string;
  readonly StageName?: string;
  readonly StageVariables?: Readonly<Record<string, string>>;
  readonly DefaultRouteSettings?: {
    readonly ThrottlingRateLimit?: number;
    readonly ThrottlingBurstLimit?: number;
    readonly DetailedMetricsEnabled?: boolean;
  };
}

const propertiesOf = ({ properties }: ResolvedResource) => properties as Properties;

/** Reads one API, and collects what is wrong with it. */
class ApiReader {
  readonly #resources: readonly ResolvedResource[];
  readonly #api: ResolvedResource;
  readonly #problems: string[];
  readonly #notes: string[] = [];

  constructor(stack: ResolvedStack, api: ResolvedResource, problems: string[]) {
    this.#resources = stack.resources.filter(({ properties }) => properties.ApiId === api.physicalId);
    this.#api = api;
    this.#problems = problems;
  }

  read(): GatewayConfig {
    const { physicalId: apiId, attributes } = this.#api;
    const stages = new Map(
      this.#all(STAGE)
        .map(stageConfig)
        .map((stage) => [stage.name, stage]),
    );
    const variables = [...stages.values()].map((stage) => new Set(Object.keys(stage.variables)));
    const integrations = this.#all(INTEGRATION).map(
      (one) => [one.physicalId, this.#integration(one, variables)] as const,
    );
    const routes = this.#routes(new Map(integrations));
    const selectRoute = this.#expression(this.#api, 'RouteSelectionExpression', '');
    const domainName = new URL(attributes.ApiEndpoint ?? '').host;
    return { apiId, domainName, selectRoute, routes, stages, notes: this.#notes };
  }

  #integration(resource: ResolvedResource, variables: readonly ReadonlySet<string>[]): IntegrationConfig {
    const { RequestTemplates: texts = {}, PassthroughBehavior, TimeoutInMillis } = propertiesOf(resource);
    const templates = new Map<string, MappingTemplate>();
    for (const [key, text] of Object.entries(texts)) {
      const make = () => new MappingTemplate(text, variables);
      const template = this.#try(resource, `RequestTemplates.${key}`, make);
      if (template) templates.set(key, template);
    }
    const selectTemplate = this.#expression(resource, 'TemplateSelectionExpression', DEFAULT_SELECTION);
    this.#noteUnreachable(resource, selectTemplate, Object.keys(texts));
    const passthrough = PassthroughBehavior ?? 'WHEN_NO_MATCH';
    return { templates, selectTemplate, passthrough, timeoutMs: TimeoutInMillis ?? INTEGRATION_TIMEOUT_MS };
  }

  /** Notes templates that no message selects: a static expression selects one key, or `$default` where that has none. */
  #noteUnreachable(
    { logicalId }: ResolvedResource,
    selection: SelectionExpression,
    keys: readonly string[],
  ): void {
    if (!selection.isStatic) return;
    const selected = selection.select(NO_BODY);
    const reached = keys.includes(selected) ? selected : '$default';
    for (const key of keys.filter((one) => one !== reached))
      this.#notes.push(
        `Resources.${logicalId}.Properties.RequestTemplates.${key} is never used: TemplateSelectionExpression always selects '${selected}'.`,
      );
  }

  #routes(integrations: ReadonlyMap<string, IntegrationConfig>): Map<string, IntegrationConfig> {
    const routes = new Map<string, IntegrationConfig>();
    for (const resource of this.#all(ROUTE)) {
      const { RouteKey: key = '', Target } = propertiesOf(resource);
      const integration = integrations.get(Target?.slice('integrations/'.length) ?? '');
      if (LIFE_CYCLE_ROUTES.has(key)) {
        if (Target !== undefined) this.#refuse(resource, 'Target', `${key} runs without an integration only`);
      } else if (key.startsWith('$') && key !== '$default')
        this.#refuse(resource, 'RouteKey', `${key} is none of $connect, $disconnect, $default`);
      else if (integration === undefined)
        this.#refuse(resource, 'Target', 'must name an integration of the template');
      else if (routes.has(key)) this.#refuse(resource, 'RouteKey', `another route has the key ${key}`);
      else routes.set(key, integration);
    }
    return routes;
  }

  #all({ type }: ResourceType): ResolvedResource[] {
    return this.#resources.filter((resource) => resource.type === type);
  }

  #expression(
    resource: ResolvedResource,
    property: 'RouteSelectionExpression' | 'TemplateSelectionExpression',
    otherwise: string,
  ): SelectionExpression {
    const text = propertiesOf(resource)[property] ?? otherwise;
    return this.#try(resource, property, () => selectionExpression(text)) ?? selectionExpression('');
  }

  #try<T>(resource: ResolvedResource, property: string, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      this.#refuse(resource, property, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #refuse(resource: ResolvedResource, property: string, reason: string): void {
    this.#problems.push(`Resources.${resource.logicalId}.Properties.${property}: ${reason}`);
  }
}

function stageConfig(resource: ResolvedResource): StageConfig {
  const {
    StageName: name = '',
    StageVariables: variables = {},
    DefaultRouteSettings,
  } = propertiesOf(resource);
  const {
    ThrottlingRateLimit: perSecond,
    ThrottlingBurstLimit: burst,
    DetailedMetricsEnabled: detailedMetrics = false,
  } = DefaultRouteSettings ?? {};
  const isThrottled = perSecond !== undefined || burst !== undefined;
  const { perSecond: usualRate, burst: usualBurst } = DEFAULT_THROTTLE;
  const throttle = isThrottled ? { perSecond: perSecond ?? usualRate, burst: burst ?? usualBurst } : null;
  return { name, variables, throttle, detailedMetrics };
}

/** The APIs of a stack. Throws a {@link StageConfigurationError} with everything that is wrong. */
export function gatewayConfigs(stack: ResolvedStack): GatewayConfig[] {
  const problems: string[] = [];
  const apis = stack.resources.filter(({ type }) => type === API.type);
  const configs = apis.map((api) => new ApiReader(stack, api, problems).read());
  if (problems.length > 0) throw new StageConfigurationError(problems);
  return configs;
}

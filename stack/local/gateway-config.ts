/**
 * Turns the API Gateway resources of a resolved template into what the gateway runs: routes, integrations with parsed
 * templates, stages. Everything that can be wrong is found here, before anything is started, and reported at once.
 */
import { StageConfigurationError } from './configuration-error.ts';
import { GATEWAY_SCHEMAS, type GatewayProperties, type GatewayType } from './gateway-schema.ts';
import type { IntegrationConfig } from './integration.ts';
import type { RateLimit } from './profile.ts';
import { type SelectionExpression, selectionExpression } from './selection-expression.ts';
import type { ResolvedResource, ResolvedStack } from './template/resolved.ts';
import { MappingTemplate } from './vtl.ts';

export interface StageConfig {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The stage's own throttle; null when the template sets none. */
  readonly throttle: RateLimit | null;
}

export interface GatewayConfig {
  readonly apiId: string;
  /** `abc123.execute-api.us-east-1.amazonaws.com` */
  readonly domainName: string;
  readonly selectRoute: SelectionExpression;
  /** By route key; null where the route has no integration. */
  readonly routes: ReadonlyMap<string, IntegrationConfig | null>;
  /** By stage name; at least one. */
  readonly stages: ReadonlyMap<string, StageConfig>;
}

interface Checked<T extends GatewayType> {
  readonly resource: ResolvedResource;
  readonly properties: GatewayProperties<T>;
}

/** Routes of the connection's life cycle; they carry no message. */
const LIFE_CYCLE_ROUTES: ReadonlySet<string> = new Set(['$connect', '$disconnect']);

class GatewayReader {
  readonly #stack: ResolvedStack;
  readonly #problems: string[] = [];

  constructor(stack: ResolvedStack) {
    this.#stack = stack;
  }

  read(): GatewayConfig {
    const apis = this.#all('AWS::ApiGatewayV2::Api');
    const api = apis[0];
    if (api === undefined || apis.length > 1) {
      this.#refuse(`the template must have exactly one valid AWS::ApiGatewayV2::Api; it has ${apis.length}`);
    }
    const routes = this.#routes(this.#integrations());
    const stages = this.#stages();
    this.#all('AWS::ApiGatewayV2::Deployment');
    const selectRoute =
      api &&
      this.#try(api.resource, 'RouteSelectionExpression', () =>
        selectionExpression(api.properties.RouteSelectionExpression),
      );
    if (this.#problems.length > 0 || !api || !selectRoute) throw new StageConfigurationError(this.#problems);
    const apiId = api.resource.physicalId;
    const domainName = `${apiId}.execute-api.${this.#stack.region}.amazonaws.com`;
    return { apiId, domainName, selectRoute, routes, stages };
  }

  #integrations(): Map<string, IntegrationConfig> {
    const integrations = new Map<string, IntegrationConfig>();
    for (const { resource, properties } of this.#all('AWS::ApiGatewayV2::Integration')) {
      integrations.set(resource.physicalId, this.#integration(resource, properties));
    }
    return integrations;
  }

  #integration(
    resource: ResolvedResource,
    properties: GatewayProperties<'AWS::ApiGatewayV2::Integration'>,
  ): IntegrationConfig {
    if (properties.IntegrationType === 'MOCK') return { kind: 'mock' };
    if (properties.IntegrationUri === undefined)
      this.#refuse(`${resource.logicalId}: IntegrationUri is missing`);
    const templates = new Map<string, MappingTemplate>();
    for (const [key, text] of Object.entries(properties.RequestTemplates ?? {})) {
      const template = this.#try(resource, `RequestTemplates.${key}`, () => new MappingTemplate(text));
      if (template) templates.set(key, template);
    }
    const expression = properties.TemplateSelectionExpression ?? '\\$default';
    const selectTemplate = this.#try(resource, 'TemplateSelectionExpression', () =>
      selectionExpression(expression),
    );
    return {
      kind: 'putRecord',
      templates,
      selectTemplate: selectTemplate ?? selectionExpression('\\$default'),
      passthrough: properties.PassthroughBehavior ?? 'WHEN_NO_MATCH',
    };
  }

  #routes(integrations: ReadonlyMap<string, IntegrationConfig>): Map<string, IntegrationConfig | null> {
    const routes = new Map<string, IntegrationConfig | null>();
    for (const { resource, properties } of this.#all('AWS::ApiGatewayV2::Route')) {
      const id = properties.Target?.slice('integrations/'.length);
      const integration = id === undefined ? null : integrations.get(id);
      if (integration === undefined) {
        this.#refuse(
          `${resource.logicalId}: Target names an integration that the template does not have, or that is invalid`,
        );
      }
      this.#checkRoute(resource, properties.RouteKey, integration ?? null);
      routes.set(properties.RouteKey, integration ?? null);
    }
    return routes;
  }

  #checkRoute(resource: ResolvedResource, key: string, integration: IntegrationConfig | null): void {
    const isLifeCycle = LIFE_CYCLE_ROUTES.has(key);
    if (isLifeCycle && integration?.kind === 'putRecord') {
      this.#refuse(
        `${resource.logicalId}: the local stage runs ${key} without an integration or with a MOCK only`,
      );
    }
    if (!isLifeCycle && integration === null)
      this.#refuse(`${resource.logicalId}: route ${key} needs a Target`);
    if (key.startsWith('$') && !isLifeCycle && key !== '$default') {
      this.#refuse(`${resource.logicalId}: RouteKey ${key} is none of $connect, $disconnect, $default`);
    }
  }

  #stages(): Map<string, StageConfig> {
    const stages = new Map<string, StageConfig>();
    for (const { properties } of this.#all('AWS::ApiGatewayV2::Stage')) {
      const { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst } =
        properties.DefaultRouteSettings ?? {};
      const throttle = perSecond === undefined || burst === undefined ? null : { perSecond, burst };
      stages.set(properties.StageName, {
        name: properties.StageName,
        variables: properties.StageVariables ?? {},
        throttle,
      });
    }
    if (stages.size === 0) this.#refuse('the template has no valid AWS::ApiGatewayV2::Stage to connect to');
    return stages;
  }

  /** Resources of a type whose properties are valid. Those of the others become problems. */
  #all<T extends GatewayType>(type: T): Checked<T>[] {
    return this.#stack.resources
      .filter((resource) => resource.type === type)
      .flatMap((resource) => {
        const parsed = GATEWAY_SCHEMAS[type].safeParse(resource.properties);
        if (parsed.success) return [{ resource, properties: parsed.data as GatewayProperties<T> }];
        for (const issue of parsed.error.issues) {
          this.#refuse(
            `${resource.logicalId} (${type}): ${[...issue.path, ''].join('.').slice(0, -1)} ${issue.message}`,
          );
        }
        return [];
      });
  }

  #try<T>(resource: ResolvedResource, property: string, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      this.#refuse(
        `${resource.logicalId}: ${property}: ${error instanceof Error ? error.message : String(error)}`,
      );
      return undefined;
    }
  }

  #refuse(problem: string): void {
    this.#problems.push(problem);
  }
}

/** Reads the gateway of a stack. Throws a {@link StageConfigurationError} with everything that is wrong. */
export function gatewayConfig(stack: ResolvedStack): GatewayConfig {
  return new GatewayReader(stack).read();
}

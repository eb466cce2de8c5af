/** A stage of a WebSocket API. */
import { mappingOf, numberIn } from '../known.ts';
import {
  createOnly,
  flag,
  inert,
  integer,
  LOGS,
  label,
  map,
  mappedTags,
  number,
  object,
  ref,
  refused,
  required,
  text,
} from '../property.ts';
import { ONLY_EXISTS, type ShapedType } from '../resource-type.ts';
import { apiId } from './api.ts';
import { DEPLOYMENT } from './deployment.ts';

/** Null where the template sets no limit. */
export interface StageLimit {
  readonly ratePerSecond: number | null;
}

export const STAGE: ShapedType<StageLimit> = {
  type: 'AWS::ApiGatewayV2::Stage',
  properties: {
    ApiId: apiId,
    StageName: createOnly(
      required(text({ pattern: /^[A-Za-z0-9_-]{1,128}$/, says: 'letters, digits, - and _, at most 128' })),
    ),
    DeploymentId: text({ links: [ref(DEPLOYMENT)] }),
    DefaultRouteSettings: object({
      ThrottlingBurstLimit: integer(0),
      ThrottlingRateLimit: number(0),
      LoggingLevel: inert(text({ oneOf: ['OFF', 'ERROR', 'INFO'] }), LOGS),
      DataTraceEnabled: inert(flag(), LOGS),
      DetailedMetricsEnabled: flag(),
    }),
    StageVariables: map(text()),
    AutoDeploy: inert(flag(), 'the local stage serves the whole template from the start'),
    AccessLogSettings: inert(object({ DestinationArn: text(), Format: text() }), LOGS),
    Description: label,
    Tags: mappedTags,
    RouteSettings: refused('routes have no settings of their own; use DefaultRouteSettings'),
    ClientCertificateId: refused('integrations present no certificate'),
    AccessPolicyId: refused('is no longer supported by AWS'),
  },
  rules: ({ DeploymentId, AutoDeploy }) =>
    DeploymentId === undefined && AutoDeploy !== true
      ? ['DeploymentId is needed unless AutoDeploy is true: a stage without a deployment serves nothing']
      : [],
  identity(naming) {
    const name = naming.text('StageName');
    return { physicalId: name, attributes: { Id: name } };
  },
  ...ONLY_EXISTS,
  isFoundByName: true,
  shape: ({ properties }) => ({
    ratePerSecond: numberIn(mappingOf(properties.DefaultRouteSettings).ThrottlingRateLimit),
  }),
};

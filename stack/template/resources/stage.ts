/** A stage of a WebSocket API. */
import { mappingOf, numberIn } from '../known.ts';
import * as p from '../property.ts';
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
    StageName: p.createOnly(
      p.required(
        p.text({ pattern: /^[A-Za-z0-9_-]{1,128}$/, says: 'letters, digits, - and _, at most 128' }),
      ),
    ),
    DeploymentId: p.text({ links: [p.ref(DEPLOYMENT)] }),
    DefaultRouteSettings: p.object({
      ThrottlingBurstLimit: p.integer(0),
      ThrottlingRateLimit: p.number(0),
      LoggingLevel: p.inert(p.text({ oneOf: ['OFF', 'ERROR', 'INFO'] }), p.LOGS),
      DataTraceEnabled: p.inert(p.flag(), p.LOGS),
      DetailedMetricsEnabled: p.flag(),
    }),
    StageVariables: p.map(p.text()),
    AutoDeploy: p.inert(p.flag(), 'the local stage serves the whole template from the start'),
    AccessLogSettings: p.inert(p.object({ DestinationArn: p.text(), Format: p.text() }), p.LOGS),
    Description: p.label,
    Tags: p.mappedTags,
    RouteSettings: p.refused('routes have no settings of their own; use DefaultRouteSettings'),
    ClientCertificateId: p.refused('integrations present no certificate'),
    AccessPolicyId: p.refused('is no longer supported by AWS'),
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

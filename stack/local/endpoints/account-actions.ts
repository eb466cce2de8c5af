/**
 * Performs the actions of STS and Service Quotas that callers use before a run. All credentials are good here, and
 * nothing can be raised; services whose quotas the stage does not model have none.
 */
import type {
  GetServiceQuotaRequest,
  ListServiceQuotasRequest,
  ServiceQuota,
} from '@aws-sdk/client-service-quotas';
import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import {
  CONCURRENT_EXECUTIONS,
  CONNECTS_PER_SECOND,
  requestQuotaIn,
  SERVICE_QUOTAS,
  shardQuotaIn,
} from '../../default-quotas.ts';
import { AwsError } from '../errors.ts';
import type { Actions } from './action.ts';

/** The form of a user's unique id, as IAM's reference shows it. */
const USER_ID = 'AIDALOCALSTAGEUSER00';

export function stsActions({ accountId }: Pick<ServiceQuotasOptions, 'accountId'>): Actions {
  const identity: GetCallerIdentityResponse = {
    UserId: USER_ID,
    Account: accountId,
    Arn: `arn:aws:iam::${accountId}:user/local-stage`,
  };
  return { GetCallerIdentity: () => identity };
}

interface ServiceQuotasOptions {
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
}

export function serviceQuotasActions(options: ServiceQuotasOptions): Actions {
  const all = quotasOf(options);
  return {
    ListServiceQuotas: ({ ServiceCode }: ListServiceQuotasRequest) => ({
      Quotas: all.filter((quota) => quota.ServiceCode === ServiceCode),
    }),
    GetServiceQuota: ({ ServiceCode, QuotaCode }: GetServiceQuotaRequest) => {
      const found = all.find((quota) => quota.ServiceCode === ServiceCode && quota.QuotaCode === QuotaCode);
      if (found !== undefined) return { Quota: found };
      throw new AwsError(
        'NoSuchResourceException',
        'The request failed because the specified quota does not exist.',
      );
    },
  };
}

const SERVICE_NAMES = {
  apigateway: 'Amazon API Gateway',
  kinesis: 'Amazon Kinesis Data Streams',
  lambda: 'AWS Lambda',
} as const;

function quotasOf({ accountId, region }: ServiceQuotasOptions): ServiceQuota[] {
  const { perSecond, burst } = requestQuotaIn(region);
  const values = {
    requestsPerSecond: perSecond,
    requestBurst: burst,
    connectsPerSecond: CONNECTS_PER_SECOND,
    executions: CONCURRENT_EXECUTIONS,
    shards: shardQuotaIn(region),
  };
  return Object.entries(SERVICE_QUOTAS).map(([key, { service, code, name }]) => ({
    ServiceCode: service,
    ServiceName: SERVICE_NAMES[service],
    QuotaArn: `arn:aws:servicequotas:${region}:${accountId}:${service}/${code}`,
    QuotaCode: code,
    QuotaName: name,
    Value: values[key as keyof typeof values],
    Unit: 'None',
    Adjustable: true,
    GlobalQuota: false,
  }));
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionOf } from './identity.ts';

const PARTITIONS: Readonly<Record<string, readonly [string, string]>> = {
  'us-east-1': ['aws', 'amazonaws.com'],
  'ap-nowhere-9': ['aws', 'amazonaws.com'],
  'cn-north-1': ['aws-cn', 'amazonaws.com.cn'],
  'us-gov-west-1': ['aws-us-gov', 'amazonaws.com'],
  'eusc-de-east-1': ['aws-eusc', 'amazonaws.eu'],
  'us-iso-east-1': ['aws-iso', 'c2s.ic.gov'],
  'us-isob-east-1': ['aws-iso-b', 'sc2s.sgov.gov'],
  'eu-isoe-west-1': ['aws-iso-e', 'cloud.adc-e.uk'],
  'us-isof-south-1': ['aws-iso-f', 'csp.hci.ic.gov'],
};

test('every region has the partition and the domain that the SDK knows', () => {
  for (const [region, [partition, urlSuffix]] of Object.entries(PARTITIONS))
    assert.deepEqual(partitionOf(region), { partition, urlSuffix }, region);
});

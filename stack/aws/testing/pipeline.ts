/** A pipeline like the reference stack's, for tests. */
import type { StagePipeline } from '../../../bench/model/result.ts';

export const PIPELINE: StagePipeline = {
  api: { apiId: 'abc123', stageName: 'v1' },
  streams: [{ logicalId: 'EventStream', name: 'events' }],
  consumers: [{ logicalId: 'EchoConsumer', name: 'echo', streamName: 'events' }],
  functions: [
    { logicalId: 'EchoFunction', name: 'echo-fn' },
    { logicalId: 'AuditFunction', name: 'audit-fn' },
  ],
  mappings: [{ logicalId: 'EchoMapping', name: 'uuid-1' }],
};

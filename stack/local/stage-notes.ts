/** What a reader must know to judge figures measured on a local stage: one sentence each, they go into the report. */

import type { ResolvedStack } from '../template/resolved.ts';
import { inertNotes } from '../template/types-inert.ts';
import { gatewayConfigs } from './gateway/gateway-config.ts';
import type { Profile } from './profile.ts';

const LATENCY_NOTES = {
  aws: 'Latencies through the stream are calibrated to published figures, the others are plausible; none was measured on AWS.',
  ideal: 'No latency of AWS is modelled: figures show the local machine, not AWS.',
} as const;

const DISPATCH_NOTES = {
  serial:
    'The gateway takes the messages of a connection one after the other (dispatch serial, the default), which keeps their order up to the stream; AWS documents neither this nor the opposite.',
  concurrent:
    'The gateway takes the messages of a connection side by side (dispatch concurrent), so they can overtake each other before the stream; AWS documents neither this nor the opposite.',
} as const;

/** The notes that every stage of a profile has. */
export function profileNotes(profile: Profile): string[] {
  return [LATENCY_NOTES[profile.name], DISPATCH_NOTES[profile.dispatch]];
}

/** The notes of a stage whose functions run on the given version of Node, such as `v20.19.0`. */
export function stageNotes(profile: Profile, stack: ResolvedStack, nodeVersion: string): string[] {
  const gatewayNotes = gatewayConfigs(stack).flatMap(({ notes }) => notes);
  return [
    ...profileNotes(profile),
    ...runtimeNotes(stack, nodeVersion),
    ...gatewayNotes,
    ...inertNotes(stack.resources),
  ];
}

/** Says so where functions run on another version of Node than their template asks for. */
function runtimeNotes(stack: ResolvedStack, nodeVersion: string): string[] {
  const host = `nodejs${nodeVersion.slice(1).split('.')[0]}.x`;
  const runtimes = stack.resources
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .map(({ properties }) => String(properties.Runtime));
  const others = [...new Set(runtimes)].filter((runtime) => runtime !== host);
  return others.map(
    (runtime) => `Functions run on this machine's Node ${nodeVersion} rather than ${runtime}.`,
  );
}

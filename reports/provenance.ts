/** Where figures come from, the same in every document: the stage, the driver, the version, and how long it took. */
import type { RunResult } from '../bench/model/result.ts';
import type { Fact } from './document/blocks.ts';
import { type Inline, mark } from './document/inline.ts';
import { counted, durationText } from './figures.ts';

type Environment = Pick<RunResult['environment'], 'node' | 'cpus' | 'os' | 'version' | 'commit'>;

/** The stage in a few words. */
export function stageText({
  kind,
  name,
  region,
  profile,
}: Pick<RunResult['stage'], 'kind' | 'name' | 'region' | 'profile'>): string {
  if (kind === 'local') return profile === null ? 'Local stage' : `Local stage, profile ${profile}`;
  return kind === 'aws' ? `AWS stack ${name}${region === null ? '' : ` in ${region}`}` : `Stage ${name}`;
}

/** `Node v20.20.2, commit 2019bec4a1f0`. */
export function nodeText({ node, commit }: Pick<Environment, 'node' | 'commit'>): string {
  return `Node ${node}${commitClause(commit)}`;
}

function commitClause(commit: string | null): string {
  return commit === null ? '' : `, commit ${commit.slice(0, 12)}`;
}

/** The machine that drove, and what drove it. */
export function driverFacts(environment: Environment, threads?: number): Fact[] {
  const { node, cpus, os, version, commit } = environment;
  const count = threads === undefined ? '' : `${counted(threads, 'thread')}, `;
  return [
    ['driver', `${count}Node ${node}, ${cpus}, ${os}`],
    ['version', `${version}${commitClause(commit)}`],
  ];
}

export function tookText({ startedAt, endedAt }: Pick<RunResult, 'startedAt' | 'endedAt'>): string {
  return durationText(Date.parse(endedAt) - Date.parse(startedAt));
}

const VALIDITY_TONES = { valid: 'good', unknown: 'unsure', invalid: 'bad' } as const;

/** Whether a run can be trusted, as a mark on the word or on a text. */
export function validityMark(validity: keyof typeof VALIDITY_TONES, text: string = validity): Inline {
  return mark(VALIDITY_TONES[validity], text);
}

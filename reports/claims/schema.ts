/**
 * The schema of claims.json, version 1, as zod: what the reports need of it is checked, the rest is kept. Unknown versions are
 * refused, so that an old tool never misreads a new result.
 */
import { z } from 'zod';
import {
  BASES,
  CLAIM_IDS,
  CLAIM_STATES,
  CLAIM_VERDICTS,
  type ClaimsResult,
} from '../../bench/core/claims/claim.ts';
import { parseData } from '../saved-data.ts';

const amount = z.number();
const maybe = amount.nullable();
const text = z.string();
const instant = text.refine((value) => !Number.isNaN(Date.parse(value)), 'not a time in ISO 8601');
const verdict = z.enum(CLAIM_VERDICTS);

const finding = z.looseObject({
  question: text,
  rule: text,
  basis: z.enum(BASES),
  isDeciding: z.boolean(),
  verdict,
  evidence: text,
  samples: maybe,
});

const run = z.looseObject({
  name: text,
  purpose: text,
  directory: text.regex(/^runs\/\d\d-[\w-]+$/, 'not a directory of a run'),
  samples: amount,
  validity: z.enum(['valid', 'unknown', 'invalid']),
});

const timeline = z.looseObject({
  title: text,
  marks: z.array(z.looseObject({ label: text, fromSecond: amount, toSecond: amount })),
  seconds: z.array(
    z.looseObject({
      second: amount,
      sent: amount,
      delivered: amount,
      duplicated: amount,
      p50: maybe,
      p90: maybe,
    }),
  ),
});

const claim = z.looseObject({
  id: z.enum(CLAIM_IDS),
  title: text,
  claim: text,
  hypothesis: text,
  method: z.array(text),
  more: z.array(text),
  settings: z.array(z.tuple([text, text])),
  state: z.enum(CLAIM_STATES),
  findings: z.array(finding),
  verdict,
  sentence: text,
  runs: z.array(run),
  timelines: z.array(timeline),
  problems: z.array(text),
});

const claimsResult = z.looseObject({
  schema: z.literal(1),
  kind: z.literal('claims'),
  id: text,
  startedAt: instant,
  endedAt: instant,
  partial: z.boolean(),
  isQuick: z.boolean(),
  seed: amount,
  slos: z.array(text),
  asked: z.array(z.enum(CLAIM_IDS)),
  environment: z.looseObject({ node: text, os: text, cpus: text, version: text, commit: text.nullable() }),
  stage: z.looseObject({
    kind: z.enum(['local', 'aws', 'url']),
    name: text,
    region: text.nullable(),
    profile: text.nullable(),
    notes: z.array(text),
  }),
  claims: z.array(claim),
});

/**
 * Parses the text of a claims.json.
 * @throws UnreadableResult for broken JSON, another program's file, another schema version, wrong fields
 */
export function parseClaimsResult(json: string): ClaimsResult {
  // Of stage and environment only what is shown was checked; the rest is carried and not read.
  return parseData(claimsResult, json, 'the result of the claims') as unknown as ClaimsResult;
}

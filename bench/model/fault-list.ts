/**
 * From a list of faults as a person writes it, in a fault file or within a plan, to a FaultPlan. As with plans, every problem is
 * found at once and says which field and what to do.
 */
import { z } from 'zod';
import { FAULT_ACTIONS, type Fault, type FaultAction, type FaultPlan, type FaultSite } from './fault.ts';
import { orNearest } from './near-miss.ts';
import { duration, rate, whole } from './setting.ts';

/** Something wrong with a list of faults: where, such as `[0, 'ratio']`, and what to do. */
export interface FaultProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const SITES = Object.keys(FAULT_ACTIONS) as [FaultSite, ...FaultSite[]];
const ACTIONS = [...new Set(Object.values(FAULT_ACTIONS).flat())] as [FaultAction, ...FaultAction[]];

const EXAMPLE = '- {where: ingest, do: drop, at: 10s}';

/** How long a reordered message waits for a later one, where nothing is said. */
const REORDER_WAIT_MS = 1_000;

const DEFAULT_STATUS = 500;

const FIELDS = z.strictObject({
  name: z
    .string({ error: 'must be a text' })
    .regex(/^[^\p{Cc}]{1,80}$/u, 'must be 1 to 80 characters on one line')
    .optional(),
  where: z.enum(SITES, { error: `must be one of ${SITES.join(', ')}` }),
  do: z.enum(ACTIONS, { error: `must be one of ${ACTIONS.join(', ')}` }),
  at: duration(0),
  for: duration(1).optional(),
  ratio: z
    .number({ error: 'must be a number from 0 to 1' })
    .min(0, 'must be a number from 0 to 1')
    .max(1, 'must be a number from 0 to 1')
    .optional(),
  rate: rate.optional(),
  delay: duration(0).optional(),
  function: z.string({ error: 'must be the logical id of a function, such as EchoFunction' }).optional(),
  shard: whole(0, 9_999).optional(),
  when: z.enum(['before', 'after'], { error: 'must be before or after' }).optional(),
  status: whole(400, 599).optional(),
});

type Fields = z.output<typeof FIELDS>;

/** Which faults a field means something to; the fields that are not here mean something to all. */
const MEANT_FOR: Readonly<Partial<Record<keyof Fields, { who: string; fits: (fields: Fields) => boolean }>>> =
  {
    ratio: { who: 'everything but gateway', fits: (fields) => fields.where !== 'gateway' },
    rate: { who: 'where: connection', fits: (fields) => fields.where === 'connection' },
    delay: {
      who: 'do: delay, reorder, slow or crash',
      fits: (fields) => ['delay', 'reorder', 'slow', 'crash'].includes(fields.do),
    },
    function: { who: 'where: function', fits: (fields) => fields.where === 'function' },
    shard: { who: 'where: ingest or shard', fits: ({ where }) => where === 'ingest' || where === 'shard' },
    when: {
      who: 'where: function with do: error',
      fits: (fields) => fields.where === 'function' && fields.do === 'error',
    },
    status: { who: 'where: callback', fits: (fields) => fields.where === 'callback' },
  };

const FAULT = FIELDS.superRefine((fields, context) => {
  for (const { path, message } of misfits(fields))
    context.addIssue({ code: 'custom', path: [...path], message });
});

/** A fault file: a list of faults, or a map that has one. */
export const FAULT_FILE = z.union([z.array(FAULT).min(1), z.strictObject({ faults: z.array(FAULT).min(1) })]);

/** What does not go together within one fault. */
function misfits(fields: Fields): FaultProblem[] {
  const problems: FaultProblem[] = [];
  const actions: readonly FaultAction[] = FAULT_ACTIONS[fields.where];
  if (!actions.includes(fields.do))
    problems.push({ path: ['do'], message: `where: ${fields.where} can do ${actions.join(', ')} only` });
  for (const [name, meant] of Object.entries(MEANT_FOR)) {
    if (fields[name as keyof Fields] !== undefined && !meant.fits(fields))
      problems.push({ path: [name], message: `means something to ${meant.who} only; leave it out` });
  }
  if (fields.ratio !== undefined && fields.rate !== undefined)
    problems.push({ path: ['rate'], message: 'excludes ratio: give one of them' });
  if (fields.delay === undefined && ['delay', 'slow'].includes(fields.do))
    problems.push({ path: ['delay'], message: `is needed for do: ${fields.do}, such as 200ms` });
  return problems;
}

/** A fault plan, and every problem with it; with any, the plan is an empty one. A problem's path begins within the list. */
export interface ParsedFaults {
  readonly plan: FaultPlan;
  readonly problems: readonly FaultProblem[];
}

const unusable = (problems: readonly FaultProblem[]): ParsedFaults => ({ plan: { faults: [] }, problems });

export const whollyUnusable = (message: string): ParsedFaults => unusable([{ path: [], message }]);

/** The plan of a list of faults, or of a map with such a list as `faults`. */
export function parseFaults(value: unknown): ParsedFaults {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const list = isMap && 'faults' in value ? value.faults : value;
  if (!Array.isArray(list))
    return whollyUnusable(`must be a list of faults, or a file that has one, such as '${EXAMPLE}'`);
  // A run that was to bear faults and quietly had none would be taken for one that bore them.
  if (list.length === 0) return whollyUnusable(`lists none; add one, such as '${EXAMPLE}', or leave it out`);
  const extra = isMap ? Object.keys(value).filter((key) => key !== 'faults') : [];
  const parsed = z.array(FAULT).safeParse(list);
  const problems = [
    ...extra.map((key) => ({ path: [], message: `there is no such setting beside faults: ${key}` })),
    ...(parsed.success ? [] : parsed.error.issues.flatMap(problemsOf)),
    ...nameProblems(list),
  ];
  if (!parsed.success || problems.length > 0) return unusable(problems);
  return { plan: { faults: named(parsed.data) }, problems };
}

function problemsOf(issue: z.core.$ZodIssue): FaultProblem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  const known = Object.keys(FIELDS.shape);
  return issue.keys.map((key) => ({
    path: [...path, key],
    message: `there is no such setting${orNearest(key, known) || `; known are ${known.join(', ')}`}`,
  }));
}

/** Names tell tallies apart, so no two may be the same. */
function nameProblems(list: readonly unknown[]): FaultProblem[] {
  const names = list.map((one) => (one as { name?: unknown } | null)?.name);
  return names.flatMap((name, index) =>
    name !== undefined && names.indexOf(name) < index
      ? [
          {
            path: [index, 'name'],
            message: `'${String(name)}' is the name of another fault; give it its own`,
          },
        ]
      : [],
  );
}

/** A fault without a name gets its number among those of its kind: `1 ingest drop`. Adding another kind changes none. */
function named(list: readonly Fields[]): Fault[] {
  const taken = new Set(list.map(({ name }) => name));
  return list.map((fields) => {
    let number = 1;
    while (fields.name === undefined && taken.has(nameOf(fields, number))) number += 1;
    const name = fields.name ?? nameOf(fields, number);
    taken.add(name);
    return faultOf(name, fields);
  });
}

function nameOf({ where, do: action }: Fields, number: number): string {
  return `${number} ${where} ${action}`;
}

function faultOf(name: string, fields: Fields): Fault {
  return {
    name,
    where: fields.where,
    do: fields.do,
    atMs: fields.at,
    forMs: fields.for ?? null,
    ratio: fields.ratio ?? 1,
    ratePerSecond: fields.rate ?? null,
    delayMs: fields.delay ?? (fields.do === 'reorder' ? REORDER_WAIT_MS : 0),
    functionId: fields.function ?? null,
    shard: fields.shard ?? null,
    when: fields.when ?? 'before',
    status: fields.status ?? DEFAULT_STATUS,
  };
}

/** Warnings about what the stage answered instead of an echo, and about connections that it refused, closed or broke. */

import { totalOf } from '../measure/metric-total.ts';
import type { RunRecord } from '../measure/record.ts';
import { sum } from '../measure/rollup.ts';
import { counted, were } from '../model/counted.ts';
import { countsWithDetails } from '../model/details.ts';
import type { Warning } from '../model/result.ts';
import type { Violation } from '../model/violation.ts';
import { lossAdvice, lossesOfRecord } from './losses.ts';

type Rule = (record: RunRecord) => Warning | null;

/** Kinds of error frames that are told apart; more of them are noise. */
const MAX_TEXTS = 5;

/** What the gateway's error frames say, by text, most frequent first. */
export const gatewayErrors: Rule = (record) => {
  const count = record.rollup.unexpected.measured.gatewayError ?? 0;
  if (count === 0) return null;
  const texts = textsOf(record.rollup.violations).slice(0, MAX_TEXTS);
  const said = texts.map(([text, seen]) => `"${text}" ${seen}`).join(', ');
  const advice = texts.map(([text]) => adviceOn(text, record)).filter((one) => one !== null);
  return {
    code: 'gatewayErrors',
    text: `The gateway answered ${counted(count, 'message')} with an error frame instead of passing ${count === 1 ? 'it' : 'them'} on${said === '' ? '' : `: ${said}`}.`,
    advice:
      [...new Set(advice)].join(' ') || 'Look at integrationErrors and clientErrors in the stage metrics.',
  };
};

function textsOf(violations: readonly Violation[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const violation of violations) {
    if (violation.kind !== 'unexpected' || violation.what !== 'gatewayError') continue;
    const text = /"message"\s*:\s*"([^"\\]{1,80})/.exec(violation.excerpt)?.[1] ?? violation.excerpt;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([, left], [, right]) => right - left);
}

/**
 * API Gateway's quota is 10,000 requests/s an account and Region with a burst of 5,000 (Amazon API Gateway quotas, WebSocket
 * APIs); a stream's is 1,000 records or 1 MB a second a shard (Amazon Kinesis Data Streams quotas).
 */
function adviceOn(text: string, record: RunRecord): string | null {
  if (/too many requests|limit exceeded|throttl/i.test(text))
    return `"${text}" is said by a quota of the gateway, not by the stream: 10,000 requests/s for an account and Region with a burst of 5,000, unless the stage or route has a lower limit. More shards don't change it: lower --rate, or have the quota raised.`;
  if (/forbidden/i.test(text)) return `"${text}" means that no route takes the message.`;
  if (/timed out/i.test(text)) return `"${text}" means that the integration took longer than 29 s.`;
  if (!/internal server error/i.test(text)) return null;
  const throttled = totalOf(record.metrics, 'writeThrottles');
  if (throttled === null) return 'Look at writeThrottles and integrationErrors in the stage metrics.';
  return throttled > 0
    ? `The stream refused ${throttled} writes over its shards' limit: more shards, or a lower rate.`
    : 'The stream throttled no write, so more shards change nothing: look at integrationErrors in the stage metrics, and at the permissions of the integration.';
}

export const otherUnexpected: Rule = ({ rollup }) => {
  const { gatewayError: _, ...others } = rollup.unexpected.measured;
  if (sum(others) === 0) return null;
  const kinds = Object.entries(others).map(([kind, count]) => `${count} ${kind}`);
  const first = rollup.violations.find(
    (one) => one.kind === 'unexpected' && Object.hasOwn(others, one.what),
  ) as Extract<Violation, { kind: 'unexpected' }> | undefined;
  const seen = first === undefined ? '' : `; the first was ${first.what}: ${first.excerpt || 'empty'}`;
  return {
    code: 'unexpectedArrivals',
    text: `Arrivals that answer no message of their stream: ${kinds.join(', ')}${seen}.`,
    advice: 'More of them are in violations.ndjson. Does something else post to these connections?',
  };
};

/** Ends before the run's by who brought them about: codes of the driver's own begin with what it cut for. */
function endsOf({ rollup }: RunRecord, isByDriver: boolean): Record<string, number> {
  return Object.fromEntries(
    Object.entries(rollup.failures).filter(([code]) =>
      isByDriver ? /^(PROTOCOL|LIMIT)_/.test(code) : code.startsWith('CLOSE_'),
    ),
  );
}

const CUT_ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /PROTOCOL_RSV1/,
    'RSV1 marks a compressed message, and the driver offers no compression: turn it off on the stage.',
  ],
  [/LIMIT_MESSAGE/, 'The driver takes messages up to 1 MiB; API Gateway sends none above 128 KB.'],
  [/PROTOCOL/, 'RFC 6455 has the client end such a connection: mend the server, or what stands before it.'],
];

/** What the driver ended itself must not be taken for the stage's doing. */
export const cutByDriver: Rule = (record) => {
  const cuts = endsOf(record, true);
  const count = sum(cuts);
  if (count === 0) return null;
  const codes = Object.keys(cuts).join(' ');
  return {
    code: 'cutByDriver',
    text: `The driver itself cut ${counted(count, 'connection')} for what came on ${count === 1 ? 'it' : 'them'}: ${countsWithDetails(cuts, record.rollup.details)}.`,
    advice:
      CUT_ADVICE.find(([pattern]) => pattern.test(codes))?.[1] ??
      'The stage sent more than any server means well with: look at what it sends.',
  };
};

/** RFC 6455 section 7.4.1, and what API Gateway says of its limits. */
const CLOSE_ADVICE: Readonly<Record<string, string>> = {
  CLOSE_1001: 'API Gateway closes what was idle for 10 minutes, or open for 2 hours.',
  CLOSE_1006: 'Without a close frame it is a server or proxy that went away, or a network that cut.',
  CLOSE_1008: 'Code 1008 is a policy of the server, as for a token that expired.',
  CLOSE_1009: 'Code 1009 means that a message was too big for the server: lower --payload-bytes.',
  CLOSE_1011: 'Code 1011 is an error of the server: see its log.',
  CLOSE_1012: 'Code 1012 is a restart of the server.',
  CLOSE_1013: 'Code 1013 asks to try again later: the server is overloaded.',
};

export const closedEarly: Rule = (record) => {
  const ends = endsOf(record, false);
  const count = record.rollup.connections.closedEarly - sum(endsOf(record, true));
  if (count <= 0) return null;
  const known = Object.keys(ends).flatMap((code) => CLOSE_ADVICE[code] ?? []);
  return {
    code: 'closedEarly',
    text: `The stage ended ${counted(count, 'connection')} before the run did: ${countsWithDetails(ends, record.rollup.details)}.`,
    advice: [...known, record.plan.reconnect ? '' : '--reconnect opens them again, as new streams.']
      .filter(Boolean)
      .join(' '),
  };
};

/** Code of the warning about lost messages; its advice changes when metrics come that tell where they were lost. */
export const LOST_WARNING = 'lostMessages';

const SERVER_LOST =
  'A server that answers every message on its own connection loses none: see its log, or raise --drain if it is slow.';

/** Where the metrics don't tell more. */
export const STAGE_LOST =
  'Look at errors, throttles and iteratorAge in the stage metrics: a function that fails drops its batch or holds up its shard, one that lags answers after the drain.';

export const lost: Rule = (record) => {
  const { rollup, stage, stageHasMetrics } = record;
  const { lost: count, sent } = rollup.measured;
  if (count === 0) return null;
  const hasMetrics = stage?.kind !== 'url' && stageHasMetrics;
  return {
    code: LOST_WARNING,
    text: `${count} of ${counted(sent, 'message')} ${were(count)} sent on connections that stayed open, and no answer came before the end of the drain.`,
    advice: hasMetrics ? lossAdvice(lossesOfRecord(record), STAGE_LOST) : SERVER_LOST,
  };
};

export const refused: Rule = (record) => {
  const { rollup } = record;
  const { refused: count, scheduled } = rollup.measured;
  if (count === 0) return null;
  const { closedEarly: ended, failed, refusedInChurn } = rollup.connections;
  const why = [
    ...(ended === 0
      ? []
      : [
          `${ended} ended early (${Object.keys({ ...endsOf(record, true), ...endsOf(record, false) }).join(', ')})`,
        ]),
    ...(failed === 0 ? [] : [`${failed} were never opened`]),
  ];
  return {
    code: 'refusedMessages',
    text: `${count} of ${counted(scheduled, 'message')} never left the driver: the connection was closed or its peer had stopped reading.${inChurn(refusedInChurn)}`,
    advice:
      why.length === 0
        ? 'See connections for the close codes; fewer messages per connection if its backlog was full.'
        : `Of the connections, ${why.join(' and ')}: their messages can't be sent.`,
  };
};

function inChurn(count: number): string {
  return count === 0
    ? ''
    : ` For ${count} of them churn was replacing the connection, which is the plan's doing.`;
}

const FAILURE_ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /HTTP_429/,
    'HTTP 429 is the quota of new connections, and came eight times in a row: lower --connect-rate (API Gateway allows 500/s for an account in a region).',
  ],
  [
    /HTTP_40[13]/,
    'HTTP 401 and 403 ask for credentials: --header, or BENCH_HEADERS and BENCH_QUERY of the environment.',
  ],
  [/HTTP_30\d/, 'The stage is elsewhere: give the address that Location names; redirects are not followed.'],
  [/HTTP_50[234]/, 'What stands before the stage reaches no healthy one: wait, or connect more slowly.'],
  [/HTTP_2\d\d/, 'A page came instead of an upgrade: is the path that of the WebSocket endpoint?'],
  [
    /HANDSHAKE_SUBPROTOCOL/,
    "Name the subprotocol that the server wants with --header 'Sec-WebSocket-Protocol: …', or none.",
  ],
];

/** Opening in spite of a quota takes longer, and churn that waits leaves a gap: neither shows in the messages' counts. */
export const throttledConnections: Rule = ({ rollup, plan, throttledProbes = 0 }) => {
  const throttled = rollup.connections.throttled + throttledProbes;
  if (throttled === 0) return null;
  return {
    code: 'throttledConnections',
    text: `${counted(throttled, 'dial')} ${were(throttled)} answered with HTTP 429, a quota of new connections, and tried again later.`,
    advice: `Lower --connect-rate, which was ${plan.connectRatePerSecond}/s: API Gateway allows 500/s for an account in a region, and others may be connecting too.`,
  };
};

export const failedConnections: Rule = ({ rollup }) => {
  if (rollup.connections.failed === 0) return null;
  const codes = Object.keys(rollup.failures).join(' ');
  return {
    code: 'failedConnections',
    text: `${counted(rollup.connections.failed, 'connection')} could not be opened: ${countsWithDetails(rollup.failures, rollup.details)}.`,
    advice:
      FAILURE_ADVICE.find(([pattern]) => pattern.test(codes))?.[1] ??
      'Check the URL, the file-descriptor limit (bench doctor) and the server’s backlog.',
  };
};

/**
 * The laws every result must obey, checked when it is read: attempts and arrivals partition, parts don't exceed wholes.
 * The driver asserts the same when it closes its ledgers; checking on both sides finds a result that was merged wrongly
 * or edited. A contradiction does not stop the report: it makes the verdict invalid and says why.
 */
import { OUTCOMES, settledOf } from '../measure/tally.ts';
import type { MessageCounts, RunResult } from '../model/result.ts';

/** One sentence for each law the result breaks; empty for every honest result. */
export function contradictionsIn(result: RunResult): string[] {
  const { messages, connections } = result;
  return [
    ...partition('measured messages', messages),
    ...partition('warm-up messages', messages.warmup),
    ...atMost(
      'connections opened and failed',
      connections.opened + connections.failed,
      connections.requested,
    ),
    ...atMost('connections reopened after churn', connections.reopened, connections.churned),
    ...atMost(
      'dials that opened or failed',
      connections.connect.count + (connections.failedAttempts ?? 0),
      connections.attempts ?? Number.POSITIVE_INFINITY,
    ),
    ...atMost('response times', result.latency.response.count, messages.delivered),
  ];
}

function partition(what: string, counts: MessageCounts): string[] {
  const { scheduled, sent, delivered, refused, reordered } = counts;
  const sum = settledOf(counts);
  const laws = [
    sum === scheduled || `${scheduled} ${what} scheduled, but ${OUTCOMES.join(' + ')} is ${sum}.`,
    sent === scheduled - refused ||
      `${sent} ${what} sent, but scheduled − refused is ${scheduled - refused}.`,
    reordered <= delivered || `${reordered} ${what} reordered, more than the ${delivered} delivered.`,
  ];
  return laws.filter((law) => typeof law === 'string');
}

function atMost(what: string, part: number, whole: number): string[] {
  return part <= whole ? [] : [`${part} ${what}, more than the ${whole} there can be.`];
}

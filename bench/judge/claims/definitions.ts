/**
 * The five experiments as they are announced: claim, hypothesis, method, and what it would take to show more. Everything here
 * is written down before a message is sent, and printed as it is; the rules of the verdicts are with the findings' judges.
 * The claims are those of the article that proposed the architecture (cloudonaut.io, 13 February 2019), in our words.
 */
import type { ClaimId, Experiment } from '../../model/claim.ts';

/** Whether the stage is a local one that the experiments open for themselves, or a stack that is there. */
export type Ground = 'own' | 'stack';

/** The experiment on the claim. */
export function experimentOf(id: ClaimId, ground: Ground): Experiment {
  return { id, ...EXPERIMENTS[id](ground) };
}

type Told = Omit<Experiment, 'id'>;

const DEPLOYED = 'The same command on a deployed stack: `bench claims --stage NAME`.';

const EXPERIMENTS: Readonly<Record<ClaimId, (ground: Ground) => Told>> = {
  'low-latency': lowLatency,
  decoupled,
  'fault-tolerant': faultTolerant,
  asynchronous,
  ordered,
};

function lowLatency(ground: Ground): Told {
  return {
    title: 'Low latency',
    claim:
      'The gateway forwards events to the stream by itself; without a function in between, latency and cost are lower.',
    hypothesis:
      'From the client’s send to the arrival in the stream takes less than 50 ms at the 99th percentile, and from due to echoed less than 250 ms. 50 ms are half of the 100 ms within which an answer seems immediate (Miller 1968; Nielsen 1993), so that as much is left for the way back; 250 ms is the bound that `bench capacity` takes for real-time. `--slo` sets others.',
    method: [
      'Messages at a steady rate over 100 connections, every one traced: the stream’s and the function’s stamps come back with it.',
      'Ingest is the stamp of arrival in the stream less the time of sending. That subtracts two clocks, so the bound on their offset is added to the figure before it may support, and taken off before it may refute.',
      'The template is read for what stands between the gateway’s route and the stream.',
    ],
    more: [
      ...(ground === 'own' ? [`${DEPLOYED} The local stage’s latencies are assumptions.`] : []),
      'A comparison with the same API whose route invokes a function that writes to the stream: only that shows what leaving it out saves.',
    ],
  };
}

function decoupled(ground: Ground): Told {
  const slowed = ground === 'own' ? ', and later takes two seconds longer per batch' : '';
  return {
    title: 'Decoupled',
    claim: 'Every service subscribes to the stream by itself; what happens to one does not concern another.',
    hypothesis:
      'While the audit service fails, the echo service’s latency stays within 10 % (at least 5 ms) at p50 and p90, and in the end both services have processed every record.',
    method: [
      `One run. The audit service fails on every invocation for a while${slowed}; before, between and after it works. The seconds of its trouble, and the three after it, are compared with the others.`,
      'The difference of each percentile has a 95 % confidence interval by bootstrap over seconds. The margin is on the difference, so that a run too short to tell is not taken for one without a difference.',
      'Records that either service read, processed and gave up are the mapping’s own metrics (InvokedEventCount less FailedInvokeEventCount; given up are DroppedEventCount, OnFailureDestinationDeliveredEventCount and DestinationDeliveryFailures), against IncomingRecords of the stream. Whether the audit service failed is told by `Errors` of its function.',
    ],
    more: [
      ...(ground === 'own'
        ? [`${DEPLOYED} There the services share no machine, but quotas of the account.`]
        : []),
      'A service that fails at a rate near the account’s limit of concurrent executions, which all functions share.',
      'Five polling consumers on a shard: those without enhanced fan-out share its 2 MB/s of reads.',
    ],
  };
}

function faultTolerant(ground: Ground): Told {
  const fault =
    ground === 'own'
      ? 'Every invocation of the echo service fails for 12 s, with `--quick` for 2 s. (On a stack the fault lasts 30 s; here it is shorter so that all experiments take less than five minutes.) By the local stage’s back-off, ten retries outlast it.'
      : 'A poison message in every shard makes the echo service throw for 30 s, with `--quick` for 2 s. A batch that fails is split until the poison stands alone; so if its retries run out before its time is over, it is the poison that is given up, and the fault ends early. It reaches every shard because it is sent on so many connections that the chance to miss one is below one in a million: partition keys are connection ids, and Kinesis hashes them evenly.';
  const callbacks =
    'Then some posts to clients fail, for a reference stack and for a stack with the settings as first published (stack/article.yaml: one shard, the whole batch is retried, for as long as its records live), under the same load and the same fault.';
  return {
    title: 'Fault tolerant',
    claim: 'The stream buffers: when a service fails, no event is lost.',
    hypothesis:
      'Nothing is lost, however the echo service fails. Whole-batch retries deliver some messages twice; partial batch responses deliver fewer twice.',
    method: [
      `${fault} Messages go on at the same rate.`,
      ...(ground === 'own' ? [callbacks] : []),
      'A message is lost when it is not answered by the end of the drain. Duplicates are counted by the driver’s ledger, not by the injector.',
    ],
    more: [
      ...(ground === 'own'
        ? [`${DEPLOYED} Its back-off between retries is Lambda’s own; ours is a guess.`]
        : []),
      'A fault that outlasts the retries (MaximumRetryAttempts) or the age of records (MaximumRecordAgeInSeconds): then batches go to the failure queue, and their clients hear nothing. That is loss, and by design.',
      'A failure of the gateway or of Kinesis themselves, before a record is stored: nothing buffers there.',
    ],
  };
}

function asynchronous(ground: Ground): Told {
  return {
    title: 'Asynchronous but real-time',
    claim:
      'Events are processed later than they are sent, but hardly; and a service can send to a client at any time.',
    hypothesis:
      'Sends go on unhindered while the echo service is stalled, messages that no request asked for arrive, and at a steady load the records a service reads are less than a second old.',
    method: [
      'While every invocation of the echo service fails, the driver goes on by its schedule. How late it sends then is compared with the seconds before.',
      'A third program reads a record of the stream, takes the connection’s id from it, and posts 20 messages to that connection which nobody asked for.',
      'The iterator age of the echo service, under the steady load of the first experiment.',
    ],
    more: [
      ...(ground === 'own' ? [`${DEPLOYED} The iterator age is made of modelled latencies here.`] : []),
      'Pushes at a rate near the account’s quota of 10,000 messages a second, which both directions share.',
    ],
  };
}

function ordered(ground: Ground): Told {
  const dispatch =
    ground === 'own'
      ? 'Twice: with a gateway that takes the messages of a connection one after the other, and with one that takes them side by side. AWS documents neither.'
      : 'Once, as the gateway of the stack takes them.';
  return {
    title: 'Ordered',
    claim: 'The order of events is guaranteed from the client to the service.',
    hypothesis:
      'No message reaches the stream after one that its client sent later, and none comes back after one that is later in the stream.',
    method: [
      `Bursts: every connection keeps eight messages outstanding, all traced, so that they follow each other at once. ${dispatch}`,
      'A reorder is RFC 4737’s. The stream’s own sequence numbers tell where it arose: before the stream (ingest) or after it (delivery).',
      'Seeing none in n messages is told with its bound: fewer than 3/n at 95 %. A guarantee can be refuted by one message and shown by no number of them.',
    ],
    more: [
      ...(ground === 'own' ? [`${DEPLOYED} Only AWS’s gateway shows its own order.`] : []),
      'AWS’s word: no page promises that messages of a connection are integrated in their order, so no test can turn it into a guarantee.',
      'Resharding, and retries of PutRecord within the gateway, during the run.',
    ],
  };
}

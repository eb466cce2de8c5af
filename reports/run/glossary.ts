/**
 * The words the reports use, each explained once. All formats and the documentation use these words and no synonyms.
 */

/** A term and what it means. */
export interface GlossaryEntry {
  readonly term: string;
  readonly meaning: string;
}

export const GLOSSARY: readonly GlossaryEntry[] = [
  {
    term: 'intended time',
    meaning: 'When the schedule wanted a message to be sent. Fixed before the run, whatever happens in it.',
  },
  {
    term: 'response time',
    meaning:
      'From the intended time to the arrival of the answer. The headline latency: when the driver or the stage stalls, ' +
      'the messages that had to wait count with their wait.',
  },
  {
    term: 'service time',
    meaning:
      'From the actual send to the arrival of the answer. What a single request would see; it hides the time that ' +
      'messages waited to be sent.',
  },
  {
    term: 'send lag',
    meaning:
      'From the intended time to the actual send. Response time is send lag plus service time, per message.',
  },
  {
    term: 'percentile',
    meaning:
      'p99 = 250 ms: 99 of 100 messages took 250 ms or less. Taken from merged histograms, never an average of ' +
      'percentiles. Shown as – when fewer than 10 samples lie beyond it.',
  },
  {
    term: 'scheduled',
    meaning: 'Due in the measured window: delivered + lost + refused + indeterminate, exactly.',
  },
  { term: 'delivered', meaning: 'The first answer to the message arrived.' },
  {
    term: 'lost',
    meaning:
      'Sent on a connection that stayed open, and no answer came before the drain time was over (RFC 7680, section 2.4). ' +
      'Where the stage’s metrics say that the gateway could not hand messages to the stream, it is told how many of the lost these were.',
  },
  {
    term: 'refused',
    meaning: 'Never left the driver: its connection was closed, or the limit on unsent bytes was reached.',
  },
  {
    term: 'indeterminate',
    meaning: 'The connection died while the answer was outstanding, so nobody can say what became of it.',
  },
  {
    term: 'duplicated',
    meaning:
      'An answer that had arrived before (RFC 5560, section 3). Not counted as delivered or reordered again.',
  },
  {
    term: 'unexpected',
    meaning:
      'An arrival that is no answer of this run: it can’t be decoded, belongs to another run or stream, or fails its ' +
      'integrity check. Counted by kind.',
  },
  {
    term: 'reordered',
    meaning:
      'A first arrival with a lower sequence number than one that already arrived on its stream (RFC 4737, section 3.3).',
  },
  {
    term: 'extent',
    meaning:
      'How many arrivals after the earliest message that overtook it a reordered message came (RFC 4737, section 4.2). ' +
      'A receiver that restores the order must hold back that many.',
  },
  {
    term: 'late time',
    meaning:
      'How long after the earliest message that overtook it a reordered message arrived: the RFC’s late time offset ' +
      '(RFC 4737, section 4.3).',
  },
  {
    term: 'discontinuity, gap',
    meaning:
      'A discontinuity is an arrival that jumped over messages of which at least one came after it; a gap is the number ' +
      'of arrivals from one to the next (RFC 4737, sections 3.4 and 4.5).',
  },
  {
    term: 'reordering-free run',
    meaning:
      'Arrivals in order before a reordered one, back to the reordered one before it or to the start of the stream ' +
      '(RFC 4737, section 4.6).',
  },
  {
    term: 'n-reordering',
    meaning:
      'A message is n-reordered when the n arrivals right before it all have higher sequence numbers (RFC 4737, ' +
      'section 5). A receiver that takes n later arrivals for a loss, as TCP does three, is misled by it.',
  },
  {
    term: 'loss threshold',
    meaning:
      'How long a message is waited for at the least before it counts as lost (RFC 7680, section 2.8.2). An answer that ' +
      'comes later than the drain is lost by definition.',
  },
  {
    term: 'fault',
    meaning:
      'Something that was made to go wrong on the local stage: where, what, from when to when. A run with faults measures ' +
      'a faulty stage.',
  },
  {
    term: 'recovery',
    meaning:
      'From the end of a fault until no more messages are outstanding than before it, and until the p99 of a second is ' +
      'within 10 % of that before it and stays so for three seconds.',
  },
  {
    term: 'stream',
    meaning: 'The messages of one connection, in the order sent. A reconnect starts a new stream.',
  },
  { term: 'drain', meaning: 'The time after the last send in which answers are still awaited.' },
  {
    term: 'hop',
    meaning:
      'A part of the way: ingest (driver to stream), queue (stream to function), process (in the function), deliver ' +
      '(function to driver). Known for traced messages only.',
  },
  {
    term: 'bound for zero',
    meaning:
      'Zero violations in n messages do not prove “never”. With 95 % confidence the true ratio is below the bound of ' +
      'Clopper and Pearson, which for zero is 1 − 0.05^(1/n): fewer than 3 in n. That is what is stated.',
  },
  {
    term: 'valid, unknown, invalid',
    meaning:
      'Whether the run’s figures can be trusted, by checks on the driver, the load reached and the metrics. The worst ' +
      'check decides. An invalid run describes the driver or an accident rather than the stage.',
  },
];

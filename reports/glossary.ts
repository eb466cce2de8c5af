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
    meaning: 'Sent on a connection that stayed open, and no answer came before the drain time was over.',
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
    meaning: 'An answer that had arrived before. Not counted as delivered or reordered again.',
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
      'A first arrival with a lower sequence number than one that already arrived on its stream (RFC 4737).',
  },
  {
    term: 'extent',
    meaning:
      'First arrivals between the earliest message that overtook and the reordered one. Counted in messages.',
  },
  {
    term: 'late time',
    meaning: 'How long after the earliest message that overtook it a reordered message arrived.',
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
      'Zero violations in n messages do not prove “never”. With 95 % confidence the true ratio is below 3/n, and that ' +
      'is what is stated.',
  },
  {
    term: 'valid, unknown, invalid',
    meaning:
      'Whether the run’s figures can be trusted, by checks on the driver, the load reached and the metrics. The worst ' +
      'check decides. An invalid run describes the driver or an accident rather than the stage.',
  },
];

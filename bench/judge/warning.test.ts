/** The warning about a saturated local stage, where it fires and where it must not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantilesOf } from '../measure/histogram.ts';
import type { RunRecord } from '../measure/record.ts';
import { Rollup } from '../measure/rollup.ts';
import type { StageHealth, Warning } from '../model/result.ts';
import { planWith } from '../sim/testing/plan.ts';
import { warningsFor } from './warning.ts';

const CALM: StageHealth = {
  seconds: 30,
  utilizationMean: 0.4,
  utilizationMax: 0.99,
  loopDelayP99Ms: 3,
  loopDelayMaxMs: 20,
  machineBusyMean: 0.5,
  saturatedSeconds: 0,
};

const FULL: StageHealth = {
  ...CALM,
  utilizationMean: 0.914,
  utilizationMax: 0.98,
  machineBusyMean: 0.87,
  saturatedSeconds: 12,
};

function stageWarning(health: StageHealth | undefined): Warning | undefined {
  const rollup = new Rollup();
  const metrics = {
    source: 'local',
    periodMs: 1000,
    incomingRecords: 0,
    series: [],
    ...(health === undefined ? {} : { health }),
  };
  const plan = planWith({});
  const record = { plan, environment: {}, rollup, interruption: null, metrics, stageHasMetrics: true };
  const latency = { response: quantilesOf(rollup.histograms.response) };
  return warningsFor(record as unknown as RunRecord, latency).find(({ code }) => code === 'stageSaturated');
}

test('a stage that was its own bottleneck is named with its figures, and with what to do', () => {
  const warning = stageWarning(FULL);
  assert.equal(
    warning?.text,
    "The local stage was itself the bottleneck for 12 of 30 s: its event loop was busy 91 % of the time, 98 % in the busiest second, and the machine's processors were 87 % busy on average.",
  );
  assert.match(warning?.advice ?? '', /this machine’s, not the architecture’s: lower --rate/);
});

test('a machine that does not tell its load is left out of the sentence', () => {
  assert.match(stageWarning({ ...FULL, machineBusyMean: null })?.text ?? '', /98 % in the busiest second\.$/);
});

test('a busy second, or a stage that was not watched, is no reason for a warning', () => {
  assert.equal(stageWarning(CALM), undefined);
  assert.equal(stageWarning(undefined), undefined);
});

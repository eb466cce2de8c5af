/** What AWS may do, as the command line names it: all of it is read, and what is not meant is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profileWith } from '../../stack/local/profile.ts';
import { latenessMs, NO_QUIRKS, type Quirks, settlingMs } from '../../stack/local/quirks.ts';
import { QUIRK_FLAG } from './quirk-flags.ts';

function parsed(...texts: string[]) {
  const { success, data, error } = QUIRK_FLAG.schema.safeParse(texts);
  return {
    quirks: (success ? data : NO_QUIRKS) as Quirks,
    problems: (error?.issues ?? []).map(({ message }) => `quirk: ${message}`),
  };
}

test('quirks are read from names and durations, each on its own', () => {
  const { quirks, problems } = parsed(
    'late-mapping=2s',
    'late-mapping.3=1m',
    'old-poller=20s',
    'poller-gap=90s',
    'slow-change-set=3s',
    'slow-resources=200ms',
    'uncounted-errors',
    'failing-destinations',
    'silent-integration-errors',
    'busy-account',
    'uncounted-connects',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(quirks, {
    lateShardsMs: new Map([
      [null, 2_000],
      [3, 60_000],
    ]),
    oldPollerMs: 20_000,
    pollerGapMs: 90_000,
    areErrorsUncounted: true,
    doDestinationsFail: true,
    changeSetMs: 3000,
    resourceMs: 200,
    areIntegrationErrorsSilent: true,
    isAccountBusy: true,
    areConnectsUncounted: true,
  });
  assert.deepEqual(
    [latenessMs(quirks, 3), latenessMs(quirks, 0), settlingMs(quirks)],
    [60_000, 2_000, 110_000],
  );
  assert.deepEqual([parsed().quirks, settlingMs(NO_QUIRKS), latenessMs(NO_QUIRKS, 0)], [NO_QUIRKS, 0, 0]);
});

test('what is no quirk, lacks its duration or has one too many is refused with what there is', () => {
  const wrong = [
    'constructor',
    'late-mapping',
    'old-poller.2=3s',
    'poller-gap=soon',
    'uncounted-errors=1s',
    '',
  ];
  const { problems } = parsed(...wrong);
  assert.equal(problems.length, wrong.length, problems.join('\n'));
  assert.match(
    problems[0]!,
    /'constructor' is not one of late-mapping=TIME, old-poller=TIME, poller-gap=TIME/,
  );
  assert.match(problems[1]!, /late-mapping takes a duration such as 30s/);
  assert.match(problems[4]!, /uncounted-errors takes nothing/);
});

test('a busy account leaves a tenth of its new connections, where there is a quota', () => {
  const { quirks } = parsed('busy-account');
  const left = (name: 'aws' | 'ideal') => profileWith({ name, dispatch: 'serial', quirks }).quotas.connect;
  assert.deepEqual([left('aws'), left('ideal')], [{ perSecond: 50, burst: 50 }, null]);
});

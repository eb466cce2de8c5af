import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { ConfigurationError } from '../model/failure.ts';
import { type CompareReporting, compareCommand } from './compare.ts';
import { COMPARE_FLAGS, compareSettings } from './compare-options.ts';
import { asked, type Typed } from './testing/asked.ts';

const place = mkdtempSync(path.join(tmpdir(), 'compare-command-'));
after(() => rmSync(place, { recursive: true, force: true }));

type Flags = Typed<typeof COMPARE_FLAGS>;

const given = (flags: Flags, words: readonly string[] = ['a', 'b']) => asked(COMPARE_FLAGS, flags, { words });

const problemsWith = (flags: Flags, words?: readonly string[]): readonly string[] => {
  try {
    compareSettings(given(flags, words));
    return [];
  } catch (error) {
    return (error as ConfigurationError).problems;
  }
};

test('shares are percentages, and everything that is wrong is said at once', () => {
  assert.equal(compareSettings(given({ smallestEffect: '2.5 %' })).smallestEffect, 0.025);
  assert.deepEqual(
    problemsWith({ smallestEffect: '5', smallestRatio: '0%', seed: 'x', failOn: 'better' }, ['a']).map(
      (problem) => problem.split(/[: ]/)[0],
    ),
    ['smallest-effect', 'smallest-ratio', 'fail-on', 'seed', 'compare'],
  );
  assert.match(problemsWith({ selfCheck: 'x' }).join(), /one directory of repeats and nothing besides/);
  assert.match(problemsWith({ effect: '10%' }).join(), /only --self-check/);
});

type Fake = { readonly contests: readonly { readonly verdict: string }[] };

function reporting(verdict: string, isDoubtful = false): CompareReporting<Fake, string, null> {
  return {
    readSide: (directory) => {
      if (directory.startsWith('no')) throw new ConfigurationError([`${directory} is no directory`]);
      return directory;
    },
    countRuns: (side) => (side.startsWith('single') ? 1 : 2),
    compare: () => ({ contests: [{ verdict: 'same' }, { verdict }] }),
    isDoubtful: () => isDoubtful,
    write: async () => [],
    summary: () => [],
    selfCheck: () => null,
    selfCheckLines: () => [],
  };
}

let made = 0;
const codeOf = (
  { sides, ...flags }: Flags & { readonly sides?: readonly string[] },
  verdict: string,
  isDoubtful = false,
) =>
  compareCommand(
    given({ ...flags, out: path.join(place, String(made++)), quiet: true }, sides),
    reporting(verdict, isDoubtful),
  );

test('only a gate has exit codes of its own: 3 for worse, 4 for what cannot be judged', async () => {
  assert.equal(await codeOf({}, 'worse'), 0);
  assert.equal(await codeOf({ failOn: 'worse' }, 'worse'), 3);
  assert.equal(await codeOf({ failOn: 'worse' }, 'cannot tell'), 0);
  assert.equal(await codeOf({ failOn: 'worse' }, 'worse', true), 4);
});

test('a gate refuses sides of one run by name with the remedy, before anything is written, unless they are allowed', async () => {
  const gated = { failOn: 'worse', sides: ['single-a', 'b', 'single-c'] };
  await assert.rejects(codeOf(gated, 'worse'), (error: ConfigurationError) => {
    assert.deepEqual(
      error.problems.map(
        (problem) => /^fail-on: (\S+) is one run,.* --allow-single-runs$/.exec(problem)?.[1],
      ),
      ['single-a', 'single-c'],
    );
    return true;
  });
  assert.equal(existsSync(path.join(place, String(made - 1))), false);
  assert.equal(await codeOf({ ...gated, allowSingleRuns: true }, 'worse'), 3);
  assert.equal(await codeOf({ sides: gated.sides }, 'worse'), 0);
  assert.match(problemsWith({ allowSingleRuns: true }).join(), /only --fail-on asks for repeats/);
});

test('sides that cannot be read are named together, and nothing is written', async () => {
  const asked = codeOf({ sides: ['no-a', 'b', 'no-c'] }, 'same');
  await assert.rejects(asked, (error: { problems: string[] }) => {
    assert.deepEqual(error.problems, ['no-a is no directory', 'no-c is no directory']);
    return true;
  });
});

/** The image's platform is one choice, told in the same words by the template, the Dockerfile, the manual and the engines. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseTemplate } from '../../stack/template/syntax.ts';
import { imageSteps, PLATFORMS } from './engine.ts';
import { openBatchEngine } from './engine-batch.ts';
import { KubernetesEngine } from './engine-kubernetes.ts';

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('workers on Fargate run on the processors that the stack was told, and on no others', () => {
  const { root } = parseTemplate(textOf('stack/fleet.yaml'), 'fleet.yaml');
  // biome-ignore lint/suspicious/noExplicitAny: a template is data.
  const { Parameters, Resources } = root as any;
  assert.deepEqual(Parameters.Architecture.AllowedValues, Object.keys(PLATFORMS));
  assert.deepEqual(Resources.JobDefinition.Properties.ContainerProperties.RuntimePlatform, {
    OperatingSystemFamily: 'LINUX',
    CpuArchitecture: { Ref: 'Architecture' },
  });
});

test('the Dockerfile and the manual build with the command that the engines tell', () => {
  for (const [file, platform] of [
    ['bench/fleet/Dockerfile', 'linux/amd64'],
    ['bench/fleet/fleets.md', 'linux/arm64'],
  ] as const)
    assert.ok(textOf(file).includes(imageSteps(platform)[0]!), file);
});

test('an engine that lacks its image or definition says how one is built and pushed', async () => {
  const nothing = { arguments: [], directory: '/nowhere' };
  const steps = new RegExp(
    `must be given; at the root[^]*\n {2}${imageSteps()[0]!.replaceAll('.', '\\.')}\n`,
  );
  assert.throws(() => new KubernetesEngine(nothing), steps);
  await assert.rejects(openBatchEngine(nothing), steps);
  await assert.rejects(
    openBatchEngine(nothing),
    /\n {2}npx bench stage up .*fleet\.yaml .*Architecture=X86_64/,
  );
});

test('pods are kept to nodes of a known architecture', () => {
  const engineFor = (architecture: string) =>
    new KubernetesEngine({ arguments: ['image=a', `architecture=${architecture}`], directory: '/nowhere' });
  engineFor('arm64');
  assert.throws(() => engineFor('ARM64'), /architecture='ARM64' is not one of amd64, arm64/);
});

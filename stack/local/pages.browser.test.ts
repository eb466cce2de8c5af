/**
 * A stranger's web page, open in a real browser while a stage runs here, tries everything that a browser sends without asking:
 * forms, plain fetches, navigation, WebSockets, and a name of its own that was made to lead to the stage. Needs Chromium or
 * Chrome; without one the tests are skipped by name.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { seededRandom } from '../../bench/measure/random.ts';
import { systemClock } from '../../bench/node/clock.ts';
import { describeInBrowser } from '../../reports/testing/browser.ts';
import { IDEAL_PROFILE } from './profile.ts';
import { type LocalStage, startLocalStage } from './stage.ts';
import { TEMPLATE_PATH, TEMPLATE_TEXT } from './testing/stage-fixture.ts';

const SIGNATURE = 'X-Amz-Signature=0&X-Amz-Credential=x/20260101/us-east-1/cloudformation/aws4_request';
const CREATE = `Action=CreateStack&Version=2010-05-15&StackName=evil&TemplateBody=${encodeURIComponent(
  '{"Resources":{"Evil":{"Type":"AWS::Kinesis::Stream","Properties":{"Name":"evil","ShardCount":1}}}}',
)}`;

/** Serves an empty page under every path, as its own site. */
async function site(context: TestContext): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>a page</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.closeAllConnections());
  context.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Attacked {
  readonly stage: LocalStage;
  readonly address: string;
  /** What the function's code and the guard said. */
  readonly log: string[];
}

async function attacked(context: TestContext, allowedOrigins: readonly string[] = []): Promise<Attacked> {
  const log: string[] = [];
  const stage = await startLocalStage({
    templateText: TEMPLATE_TEXT,
    templatePath: TEMPLATE_PATH,
    stackName: 'test',
    parameters: {},
    profile: IDEAL_PROFILE,
    port: 0,
    clock: systemClock,
    random: seededRandom(1),
    log: (line) => log.push(line),
    allowedOrigins,
  });
  context.after(() => stage.close());
  return { stage, address: `http://127.0.0.1:${stage.port}`, log };
}

/** The stage as a program sees it: names of its stacks, and whether its functions ran. */
async function seen({ address }: Attacked): Promise<{ stacks: string[]; functionsRan: boolean }> {
  const ask = async (form: string): Promise<string> => {
    const headers = {
      authorization: 'AWS4-HMAC-SHA256 x',
      'content-type': 'application/x-www-form-urlencoded',
    };
    return (await fetch(address, { method: 'POST', headers, body: form })).text();
  };
  const stacks = await ask('Action=DescribeStacks&Version=2010-05-15');
  const metrics = await ask('Action=ListMetrics&Version=2010-08-01');
  return {
    stacks: [...stacks.matchAll(/<StackName>(.*?)<\/StackName>/g)].map(([, name = '']) => name),
    functionsRan: metrics.includes('Invocations'),
  };
}

/** Submits a form from the page that is open, and returns what its navigation was answered with. */
async function submitted(
  page: Page,
  action: string,
  form: string,
  encoding = '',
): Promise<number | undefined> {
  const inputs = [...new URLSearchParams(form)].map(
    ([name, value]) => `<input name='${name}' value='${value}'>`,
  );
  await page.setContent(
    `<form method="POST" action="${action}" enctype="${encoding}">${inputs.join('')}</form>`,
  );
  const navigation = page.waitForNavigation();
  await page.evaluate('document.forms[0].submit()');
  return (await navigation)?.status();
}

/** Opens a WebSocket in the page; what it came to. */
function dialled(page: Page, url: string): Promise<string> {
  return page.evaluate(
    (address) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(address);
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      }),
    url,
  );
}

describeInBrowser('web pages and the stage of this machine', (desk) => {
  test('a page’s forms, fetches, navigations and WebSockets create and invoke nothing', async (context) => {
    const [evil, target] = [await site(context), await attacked(context)];
    const { address, stage } = target;
    const invoke = `${address}/2015-03-31/functions/${stage.stack.resources.find(({ type }) => type === 'AWS::Lambda::Function')?.physicalId}/invocations`;
    const page = await desk().browser.newPage();
    const attacks: (() => Promise<number | undefined>)[] = [
      () => submitted(page, `${address}/?${SIGNATURE}`, CREATE),
      () => submitted(page, `${invoke}?${SIGNATURE}`, '{"a"=1}', 'text/plain'),
      async () => (await page.goto(`${address}/?${CREATE}&${SIGNATURE}`, { referer: evil }))?.status(),
    ];
    for (const attack of attacks) {
      await page.goto(evil);
      assert.equal(await attack(), 403);
    }
    await page.goto(evil);
    for (const headers of [{}, { authorization: 'AWS4-HMAC-SHA256 x' }] as Record<string, string>[]) {
      for (const mode of ['no-cors', 'cors'] as const) {
        const sent = { method: 'POST', mode, headers, body: new URLSearchParams(CREATE).toString() };
        await page
          .evaluate(([to, how]) => fetch(to, how).then(() => {}), [`${address}/?${SIGNATURE}`, sent] as const)
          .catch(() => {});
      }
    }
    assert.equal(await dialled(page, stage.url), 'refused');
    await page.close();
    assert.deepEqual(await seen(target), { stacks: ['test'], functionsRan: false });
  });

  test('a page under a name that was made to lead to the stage is the stage’s own site, and gets nowhere', async (context) => {
    const target = await attacked(context);
    const own = `http://rebound.localhost:${target.stage.port}`;
    const page = await desk().browser.newPage();
    // The name led elsewhere when the page was loaded.
    await page.route(`${own}/page`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>x</title>' }),
    );
    await page.goto(`${own}/page`);
    const status = await page.evaluate(
      ([to, body]) => {
        const headers = {
          authorization: 'AWS4-HMAC-SHA256 x',
          'content-type': 'application/x-www-form-urlencoded',
        };
        return fetch(to, { method: 'POST', headers, body }).then((answer) => answer.status);
      },
      [`${own}/`, CREATE] as const,
    );
    assert.equal(status, 403);
    assert.equal(await dialled(page, `${own.replace('http', 'ws')}/v1`), 'refused');
    await page.close();
    assert.deepEqual(await seen(target), { stacks: ['test'], functionsRan: false });
  });

  test('a page of an allowed origin connects, and calls the AWS endpoints', async (context) => {
    const friend = await site(context);
    const { address, stage } = await attacked(context, [friend]);
    const page = await desk().browser.newPage();
    await page.goto(friend);
    assert.equal(await dialled(page, stage.url), 'open');
    const streams = await page.evaluate(async (to) => {
      const headers = { authorization: 'AWS4-HMAC-SHA256 x', 'x-amz-target': 'Kinesis_20131202.ListStreams' };
      const answer = await fetch(to, { method: 'POST', headers, body: '{}' });
      return (await answer.json()) as { StreamNames: string[] };
    }, `${address}/`);
    assert.equal(streams.StreamNames.length, 1);
    await page.close();
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { resourceOf } from '../testing/function-bed.ts';

test('an environment ends when the stage is killed outright, while its handler waits', async (t) => {
  await outlive(t, 'new Promise(() => {})');
});

test('an environment ends when the stage is killed outright, while it waits for an event', async (t) => {
  await outlive(t, 'new Promise((resolve) => setTimeout(resolve, 20))');
});

/** Kills a stage whose function answers with `answer`, and waits until the function's process has gone. */
async function outlive(t: TestContext, answer: string): Promise<void> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const source = `exports.handler = () => {
    require('net').connect(${port}, '127.0.0.1').write(process.env.LAMBDA_TASK_ROOT);
    return ${answer};
  };`;
  const from = (path: string) => new URL(path, import.meta.url).href;
  const program = `
    import { startFunction } from '${from('./environment.ts')}';
    import { systemClock } from '${from('../../../bench/node/clock.ts')}';
    import { seededRandom } from '${from('../../../bench/measure/random.ts')}';
    import { IDEAL_PROFILE } from '${from('../profile.ts')}';
    const metrics = { meter: () => ({ record: () => {} }) };
    startFunction({ resource: ${JSON.stringify(resourceOf(source, {}))}, clock: systemClock, random: seededRandom(1),
      profile: IDEAL_PROFILE, metrics, region: 'r', accountId: 'a', apiAddresses: [], log: () => {} }).invoke({});`;
  const stage = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: 'inherit',
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  socket.on('error', () => {});
  const [directory] = (await once(socket, 'data')) as [Buffer];
  t.after(() => rmSync(directory.toString(), { recursive: true, force: true }));
  stage.kill('SIGKILL');
  await once(socket, 'close');
}

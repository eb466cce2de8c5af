import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AwsError } from '../../stack/local/errors.ts';
import { StoreError } from './store.ts';
import { openS3Store } from './store-s3.ts';
import type { AwsFixture } from './testing/aws.ts';
import { awsFixture, BUCKET, denied, expired, FAR_BUCKET, first } from './testing/aws.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function storeOf(fixture: AwsFixture, uri = `s3://${BUCKET}/runs/one`) {
  return openS3Store(uri, fixture.settings);
}

test('what is put is got, byte for byte, and what is not there is null', async (t) => {
  const fixture = await awsFixture(t);
  const store = await storeOf(fixture);
  const all = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
  await store.put('worker-00000.json.gz', all);
  assert.deepEqual(await store.get('worker-00000.json.gz'), all);
  assert.equal(await store.get('worker-00001.json.gz'), null);
  assert.deepEqual([...fixture.s3.contents(BUCKET).keys()], ['runs/one/worker-00000.json.gz']);
});

test('a list goes over all pages, and takes neither other prefixes nor what is in parts of the store', async (t) => {
  const fixture = await awsFixture(t);
  const store = await storeOf(fixture);
  const names = Array.from({ length: 7 }, (_, index) => `worker-0000${index}.json.gz`);
  for (const name of [...names].reverse()) await store.put(name, bytes(name));
  for (const name of ['plan.json', 'part/worker-00009.json.gz', 'worker-x/y'])
    await store.put(name, bytes(''));
  await (await storeOf(fixture, `s3://${BUCKET}/runs/other`)).put('worker-00008.json.gz', bytes(''));
  assert.deepEqual(await store.list('worker-'), names);
  assert.deepEqual(await store.list('none'), []);
  assert.equal(fixture.count('ListObjectsV2'), 5);
});

test('the second to add is told so, and the first one’s bytes stay', async (t) => {
  const store = await storeOf(await awsFixture(t));
  assert.equal(await store.add('a', bytes('first')), true);
  assert.equal(await store.add('a', bytes('second')), false);
  assert.equal(await store.add('a', bytes('first')), false);
  assert.deepEqual(await store.get('a'), bytes('first'));
  const racing = await Promise.all(['x', 'y', 'z'].map((text) => store.add('b', bytes(text))));
  assert.equal(racing.filter(Boolean).length, 1);
});

test('a write that conflicts with a deletion under way is tried again, and the last conflict is told', async (t) => {
  const fixture = await awsFixture(t);
  const store = await storeOf(fixture);
  await store.put('a', bytes('old'));
  let deletions = 0;
  fixture.disturb(({ operation, input }) => {
    const isConditional = operation === 'PutObject' && 'IfNoneMatch' in input;
    if (isConditional && deletions++ === 0)
      fixture.s3.actions.DeleteObject({ Bucket: BUCKET, Key: 'runs/one/a' });
    return undefined;
  });
  assert.equal(await store.add('a', bytes('new')), true);
  assert.equal(deletions, 2);
  const conflict = new AwsError('ConditionalRequestConflict', 'conflicting operation', 409);
  fixture.disturb(({ operation }) => (operation === 'PutObject' ? conflict : undefined));
  await assert.rejects(store.add('b', bytes('')), /ConditionalRequestConflict/);
});

test('an add whose answer was lost is still the first', async (t) => {
  const fixture = await awsFixture(t);
  const store = await storeOf(fixture);
  fixture.disturb(first('PutObject', 'answer lost'));
  assert.equal(await store.add('a', bytes('mine')), true);
  assert.equal(fixture.count('PutObject'), 2);
  fixture.disturb(first('PutObject', 'answer lost'));
  assert.equal(await store.add('a', bytes('another’s')), false);
});

test('a body that breaks off, or is not what was stored, is read again', async (t) => {
  const fixture = await awsFixture(t);
  const store = await storeOf(fixture);
  const all = new Uint8Array(100_000).fill(7);
  await store.put('a', all);
  fixture.disturb(first('GetObject', 'answer cut', 'answer cut'));
  assert.deepEqual(await store.get('a'), all);
  assert.equal(fixture.count('GetObject'), 3);
  fixture.disturb(() => undefined);
  fixture.s3.corrupt(BUCKET, 'runs/one/a');
  await assert.rejects(store.get('a'), /store: s3:.*[Cc]hecksum/);
});

test('the store’s clock is S3’s, cut off to the second, and leaves nothing behind', async (t) => {
  const fixture = await awsFixture(t);
  const store = await storeOf(fixture);
  assert.equal(await store.clock('clock-1'), 1_800_000_000_000);
  assert.equal(fixture.s3.contents(BUCKET).size, 0);
  fixture.disturb((call) => (call.operation === 'DeleteObject' ? denied(call) : undefined));
  assert.equal(await store.clock('clock-1'), 1_800_000_000_000);
});

test('a bucket in another region is found there', async (t) => {
  const store = await storeOf(await awsFixture(t), `s3://${FAR_BUCKET}`);
  await store.put('a', bytes('far'));
  assert.deepEqual(await store.get('a'), bytes('far'));
  assert.deepEqual(await store.list(''), ['a']);
  assert.equal(await store.clock('c'), 1_800_000_000_000);
});

test('what AWS refuses is told with its remedy, whatever was asked', async (t) => {
  const fixture = await awsFixture(t);
  const store = await storeOf(fixture);
  const all = [
    () => store.put('a', bytes('')),
    () => store.add('a', bytes('')),
    () => store.get('a'),
    () => store.list('a'),
    () => store.clock('a'),
  ];
  fixture.disturb(denied);
  const refused = /store: s3:\/\/fleet-bucket\/runs\/one: AWS does not allow it.*s3:PutObject.*s3:ListBucket/;
  for (const ask of all)
    await assert.rejects(ask, (error) => error instanceof StoreError && refused.test(error.message));
  fixture.disturb(expired);
  for (const ask of all) await assert.rejects(ask, /the AWS credentials have expired; sign in again/);
  const missing = await storeOf(fixture, 's3://no-such-bucket/x');
  fixture.disturb(() => undefined);
  for (const ask of [() => missing.put('a', bytes('')), () => missing.get('a'), () => missing.list('')])
    await assert.rejects(ask, /store: s3:\/\/no-such-bucket\/x: there is no such bucket/);
  fixture.disturb((call) => (call.operation === 'HeadObject' ? denied(call) : undefined));
  await assert.rejects(store.clock('a'), /AWS does not allow it/);
});

test('a throttle is sat out, and silence is not for ever', async (t) => {
  const fixture = await awsFixture(t);
  const store = await storeOf(fixture);
  fixture.disturb(first('PutObject', new AwsError('SlowDown', 'Please reduce your request rate.', 503)));
  await store.put('a', bytes('late'));
  fixture.disturb(first('GetObject', 'no answer'));
  assert.deepEqual(await store.get('a'), bytes('late'));
  fixture.disturb(() => 'no answer');
  await assert.rejects(store.put('a', bytes('')), /AWS could not be reached/);
});

test('a URI is a bucket and a prefix as it is written, or is refused', async (t) => {
  const fixture = await awsFixture(t);
  const store = await storeOf(fixture, `s3://${BUCKET}//a b/%20/`);
  assert.equal(store.uri, `s3://${BUCKET}/a b/%20`);
  await store.put('x', bytes(''));
  assert.deepEqual([...fixture.s3.contents(BUCKET).keys()], ['a b/%20/x']);
  assert.deepEqual(await store.list(''), ['x']);
  for (const uri of ['s3://', 's3:///prefix']) await assert.rejects(openS3Store(uri), /names no bucket/);
  for (const uri of ['s3://b/p?x=1', 's3://b/p#1', 's3://u@b/p', 's3://b:80/p'])
    await assert.rejects(openS3Store(uri), /more than a bucket and a prefix/);
});

test('the endpoint takes the chunks and trailers of a stock client’s stream, and refuses one of the wrong checksum', async (t) => {
  const fixture = await awsFixture(t);
  const client = new S3Client({ ...fixture.settings.client, forcePathStyle: true, maxAttempts: 1 });
  t.after(() => client.destroy());
  const Body = Readable.from([Buffer.from('one '), Buffer.from('two')]);
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body, ContentLength: 7 }));
  assert.deepEqual(Buffer.from(fixture.s3.contents(BUCKET).get('k')!).toString(), 'one two');
  const wrong = new PutObjectCommand({ Bucket: BUCKET, Key: 'w', Body: 'x', ChecksumCRC32: 'AAAAAA==' });
  await assert.rejects(client.send(wrong), { name: 'BadDigest' });
});

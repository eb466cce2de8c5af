/** Exports and imports through the stock client: between stacks that come, change and go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cfn from '@aws-sdk/client-cloudformation';
import { served } from './testing/cloudformation.ts';

const exporting = (size: number, name: string | null = 'shared') =>
  JSON.stringify({
    Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: size } } },
    Outputs: { Size: { Value: `size ${size}`, ...(name === null ? {} : { Export: { Name: name } }) } },
  });

const importing = JSON.stringify({
  Resources: { Queue: { Type: 'AWS::SQS::Queue' } },
  Outputs: {
    Got: { Value: { 'Fn::Join': ['', ['<', { 'Fn::ImportValue': { 'Fn::Sub': 'shared' } }, '>']] } },
  },
});

test('a name is exported once, imported by others, and can neither change nor go while it is', async (context) => {
  const { client, settled } = await served(context);
  const create = (StackName: string, TemplateBody: string) =>
    client.send(new cfn.CreateStackCommand({ StackName, TemplateBody }));
  const update = (StackName: string, TemplateBody: string) =>
    client.send(new cfn.UpdateStackCommand({ StackName, TemplateBody }));
  const remove = (StackName: string) => client.send(new cfn.DeleteStackCommand({ StackName }));
  const refused = (message: RegExp) => ({ name: 'ValidationError', message });

  await assert.rejects(create('user', importing), refused(/no other stack of this stage exports shared/));
  const first = create('one', exporting(1));
  await assert.rejects(
    Promise.all([first, create('two', exporting(2))]),
    refused(/shared is already exported by stack one/),
  );
  const { Outputs = [] } = await settled('one');
  assert.deepEqual([Outputs[0]?.OutputValue, Outputs[0]?.ExportName], ['size 1', 'shared']);
  const { Exports = [] } = await client.send(new cfn.ListExportsCommand({}));
  assert.deepEqual(
    Exports.map(({ Name, Value }) => [Name, Value]),
    [['shared', 'size 1']],
  );
  await assert.rejects(
    client.send(new cfn.ListImportsCommand({ ExportName: 'shared' })),
    refused(/not imported by any stack/),
  );

  await create('user', importing);
  assert.equal((await settled('user')).Outputs?.[0]?.OutputValue, '<size 1>');
  const { Imports } = await client.send(new cfn.ListImportsCommand({ ExportName: 'shared' }));
  assert.deepEqual(Imports, ['user']);
  await assert.rejects(remove('one'), refused(/Cannot delete export shared as it is in use by user/));
  await assert.rejects(
    update('one', exporting(3)),
    refused(/Cannot update export shared as it is in use by user/),
  );
  await assert.rejects(
    update('one', exporting(1, null)),
    refused(/Cannot delete export shared as it is in use by user/),
  );
  const changeSet = {
    StackName: 'two',
    ChangeSetName: 'c',
    ChangeSetType: 'CREATE',
    TemplateBody: exporting(2),
  } as const;
  await assert.rejects(
    client.send(new cfn.CreateChangeSetCommand(changeSet)),
    refused(/already exported by stack one/),
  );

  await remove('user');
  await client.send(new cfn.DescribeStackEventsCommand({ StackName: 'one' }));
  for (;;)
    if (
      await update('one', exporting(3)).then(
        () => true,
        () => false,
      )
    )
      break;
  assert.equal((await settled('one')).Outputs?.[0]?.OutputValue, 'size 3');
  await remove('one');
  for (;;)
    if (
      await create('two', exporting(2)).then(
        () => true,
        () => false,
      )
    )
      break;
  assert.equal((await settled('two')).StackStatus, 'CREATE_COMPLETE');
});

test('an export without a proper name, and one name twice in a template, are mistakes of the template', async (context) => {
  const { client } = await served(context);
  const Resources = { Queue: { Type: 'AWS::SQS::Queue' } };
  const mistaken = (Outputs: object) =>
    client.send(
      new cfn.CreateStackCommand({ StackName: 'x', TemplateBody: JSON.stringify({ Resources, Outputs }) }),
    );
  await assert.rejects(
    mistaken({ A: { Value: 'a', Export: {} } }),
    /Outputs\.A\.Export: must be a mapping with the key Name/,
  );
  await assert.rejects(mistaken({ A: { Value: 'a', Export: { Name: 'a b' } } }), /Outputs\.A\.Export/);
  const twice = { A: { Value: 'a', Export: { Name: 'n' } }, B: { Value: 'b', Export: { Name: 'n' } } };
  await assert.rejects(mistaken(twice), /Outputs\.B\.Export: has the same name as the export of A: n/);
});

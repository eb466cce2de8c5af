import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StageConfigurationError } from '../errors.ts';
import { gatewayConfigs } from './gateway-config.ts';
import { apiStack, type Overrides, routeTo } from './testing/gateway.ts';

function problemsOf(overrides: Overrides, more: Parameters<typeof apiStack>[1] = []): readonly string[] {
  try {
    gatewayConfigs(apiStack(overrides, more));
    return [];
  } catch (error) {
    assert.ok(error instanceof StageConfigurationError, String(error));
    return error.problems;
  }
}

test('a valid API has no problems', () => {
  assert.deepEqual(problemsOf({}), []);
});

test('what only shows among routes or inside templates is refused by place', () => {
  const table: [Overrides, RegExp][] = [
    [
      { Api: { RouteSelectionExpression: '$request.header.a' } },
      /Api\.Properties\.RouteSelectionExpression: .*header\.a/,
    ],
    [{ Put: { RequestTemplates: { default: '#if(' } } }, /Put\.Properties\.RequestTemplates\.default: /],
    [{ Put: { TemplateSelectionExpression: `\${a.b}` } }, /Put\.Properties\.TemplateSelectionExpression: /],
    [{ Default: { Target: null } }, /Default\.Properties\.Target: must name an integration/],
    [{ Default: { RouteKey: '$other' } }, /RouteKey: \$other is none of/],
    [{ Default: { RouteKey: '$connect' } }, /Target: \$connect runs without an integration only/],
  ];
  for (const [overrides, pattern] of table) assert.match(problemsOf(overrides).join('\n'), pattern);
  assert.match(
    problemsOf({}, [routeTo('$default')]).join('\n'),
    /RouteKey: another route has the key \$default/,
  );
});

test('a template that no message can select deserves a word, and one that can does not', () => {
  const notesOf = (put: Overrides[string]) =>
    gatewayConfigs(apiStack({ Put: put })).flatMap(({ notes }) => notes);
  const templates = { default: '1', other: '2', $default: '3' };
  assert.deepEqual(notesOf({ RequestTemplates: templates }), [
    "Resources.Put.Properties.RequestTemplates.other is never used: TemplateSelectionExpression always selects 'default'.",
    "Resources.Put.Properties.RequestTemplates.$default is never used: TemplateSelectionExpression always selects 'default'.",
  ]);
  assert.deepEqual(notesOf({ RequestTemplates: { $default: '3' }, TemplateSelectionExpression: 'x' }), []);
  assert.deepEqual(
    notesOf({ RequestTemplates: templates, TemplateSelectionExpression: '$request.body.template' }),
    [],
  );
});

test('a template may ask for the variables of its stages only', () => {
  const put = { RequestTemplates: { default: '$stageVariables.colour' } };
  assert.deepEqual(problemsOf({ Put: put, Stage: { StageVariables: { colour: 'blue' } } }), []);
  assert.match(
    problemsOf({ Put: put }).join(),
    /^Resources\.Put\.Properties\.RequestTemplates\.default: line 1: \$stageVariables\.colour is not set/,
  );
});

test('all problems are reported at once', () => {
  const problems = problemsOf({
    Put: { RequestTemplates: { a: '#if(', b: '#set(' } },
    Default: { RouteKey: '$other' },
  });
  assert.equal(problems.length, 3, problems.join('\n'));
});

test('the life cycle routes are accepted with nothing behind them', () => {
  const connect = { ...routeTo('$connect'), properties: { ApiId: 'Api1', RouteKey: '$connect' } };
  assert.deepEqual(problemsOf({}, [connect]), []);
});

test('a template may have any number of APIs, each with its own routes and stages', () => {
  assert.deepEqual(gatewayConfigs(apiStack({ Api: null })), []);
  const other = (type: string, logicalId: string, properties: Readonly<Record<string, string>>) => ({
    ...routeTo(logicalId),
    logicalId,
    physicalId: `${logicalId}1`,
    type: `AWS::ApiGatewayV2::${type}`,
    attributes: { ApiEndpoint: 'wss://Other1.execute-api.us-east-1.amazonaws.com' },
    properties,
  });
  const more = [
    other('Api', 'Other', { RouteSelectionExpression: '$request.body.action' }),
    other('Stage', 'OtherStage', { ApiId: 'Other1', StageName: 'v2' }),
  ];
  const configs = gatewayConfigs(apiStack({}, more));
  assert.deepEqual(
    configs.map(({ apiId, routes, stages }) => [apiId, routes.size, [...stages.keys()]]),
    [
      ['Api1', 1, ['v1']],
      ['Other1', 0, ['v2']],
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StageConfigurationError } from '../configuration-error.ts';
import { gatewayConfig } from './gateway-config.ts';
import { apiStack, type Overrides, routeTo } from './gateway-fixture.ts';

function problemsOf(overrides: Overrides, more: Parameters<typeof apiStack>[1] = []): readonly string[] {
  try {
    gatewayConfig(apiStack(overrides, more));
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
    [{ Api: null }, /exactly one AWS::ApiGatewayV2::Api to run locally; it has 0/],
    [
      { Api: { RouteSelectionExpression: '$request.header.a' } },
      /Api\.Properties\.RouteSelectionExpression: .*header\.a/,
    ],
    [{ Put: { RequestTemplates: { default: '#if(' } } }, /Put\.Properties\.RequestTemplates\.default: /],
    [{ Put: { TemplateSelectionExpression: `\${a.b}` } }, /Put\.Properties\.TemplateSelectionExpression: /],
    [{ Default: { Target: null } }, /Default\.Properties\.Target: must name an integration/],
    [{ Default: { RouteKey: '$other' } }, /RouteKey: \$other is none of/],
    [{ Default: { RouteKey: '$connect' } }, /Target: \$connect runs without an integration only/],
    [{ Stage: null }, /no AWS::ApiGatewayV2::Stage to connect to/],
  ];
  for (const [overrides, pattern] of table) assert.match(problemsOf(overrides).join('\n'), pattern);
  assert.match(
    problemsOf({}, [routeTo('$default')]).join('\n'),
    /RouteKey: another route has the key \$default/,
  );
});

test('all problems are reported at once', () => {
  const problems = problemsOf({ Put: { RequestTemplates: { a: '#if(', b: '#set(' } }, Stage: null });
  assert.equal(problems.length, 3, problems.join('\n'));
});

test('the life cycle routes are accepted with nothing behind them', () => {
  const connect = { ...routeTo('$connect'), properties: { ApiId: 'Api1', RouteKey: '$connect' } };
  assert.deepEqual(problemsOf({}, [connect]), []);
});

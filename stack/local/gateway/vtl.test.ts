import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageBody } from './message-body.ts';
import { MappingTemplate } from './vtl.ts';
import { rewriteDoubledQuotes } from './vtl-quotes.ts';
import type { TemplateContext } from './vtl-variables.ts';

const CONTEXT: TemplateContext = {
  apiId: 'a1b2c3d4e5',
  connectedAt: 1_700_000_000_000,
  connectionId: 'L0SM9cOFvHcCIhw=',
  domainName: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
  eventType: 'MESSAGE',
  extendedRequestId: 'Qyi3UG41tjMFlUg=',
  identity: { sourceIp: '127.0.0.1', userAgent: 'test' },
  messageId: 'MESSAGEIDxxxxxx=',
  requestTime: '14/Nov/2023:22:13:20 +0000',
  requestTimeEpoch: 1_700_000_000_123,
  requestId: 'Qyi3UG41tjMFlUg=',
  routeKey: '$default',
  stage: 'v1',
};

function rendered(template: string, body = '{}', stageVariables = {}): string {
  return new MappingTemplate(template).render({
    context: CONTEXT,
    body: new MessageBody(body),
    stageVariables,
  });
}

/** Wraps the client's document and its connection into one record, with doubled quotes in a literal. */
const SPLICING = `#set($body = $input.json('$'))
#set($record = "{""from"": ""$context.connectionId"", ""body"": $body, ""empty"": """"}")
{ "Data": "$util.base64Encode($record)", "PartitionKey": "$context.connectionId", "ExplicitHashKey": "" }`;

function spliced(body: string): unknown {
  const request = JSON.parse(rendered(SPLICING, body));
  assert.equal(request.ExplicitHashKey, '');
  return JSON.parse(Buffer.from(request.Data, 'base64').toString());
}

test('a doubled quote in a double-quoted literal is one quote, and an empty JSON string stays as it is', () => {
  assert.deepEqual(spliced('{"msg":"Hello World!"}'), {
    from: CONTEXT.connectionId,
    body: { msg: 'Hello World!' },
    empty: '',
  });
});

test('doubled quotes are rewritten in arguments only, at any nesting and in chained calls', () => {
  const q = `\${velocityDoubleQuote__}`;
  const table = [
    ['"a": ""', '"a": ""'],
    ['#set($a = "x""y")"":""', `#set($a = "x${q}y")"":""`],
    ['#if($a == "" && $b == "")""#end', '#if($a == "" && $b == "")""#end'],
    ['$a.b($c.d("""")).e("""")""', `$a.b($c.d("${q}")).e("${q}")""`],
    ['## #set("""")\n#* ("""") *#""', '## #set("""")\n#* ("""") *#""'],
    [`#set($a = 'it("')""`, `#set($a = 'it("')""`],
  ] as const;
  for (const [template, expected] of table) assert.equal(rewriteDoubledQuotes(template), expected);
});

test('an empty double-quoted literal in a condition compares as an empty string', () => {
  assert.equal(rendered(`#if($input.path('$.a') == "")empty#{else}full#end`, '{"a":""}'), 'empty');
  assert.equal(rendered(`#if($input.path('$.a') == "")empty#{else}full#end`, '{"a":"x"}'), 'full');
});

test('a body that looks like template text is data', () => {
  const attempts = [
    '#set($context = 1)$context.connectionId',
    `$util.base64Encode("x") \${context.stage} #foreach($i in [1..3])x#end`,
    '"}") #set($data = "',
    '#stop',
    '#evaluate("$context.connectionId")',
    '""',
    '$velocityDoubleQuote__',
  ];
  for (const attempt of attempts) {
    assert.deepEqual(spliced(JSON.stringify({ attempt })), {
      from: CONTEXT.connectionId,
      body: { attempt },
      empty: '',
    });
    assert.equal(rendered('$input.body', attempt), attempt);
    assert.equal(rendered('#set($x = "[$input.body]")$x', attempt), `[${attempt}]`);
  }
});

test("velocityjs's eval is out of a template's reach", () => {
  assert.throws(() =>
    rendered('#set($x = $util.base64Encode("a"))$util.eval($input.body)', '$context.stage'),
  );
});

test('keys that collide with prototypes neither break rendering nor reach it', () => {
  const body = '{"__proto__":{"polluted":1},"constructor":{"a":2},"toString":"x"}';
  assert.equal(rendered(`$input.json('$')`, body), body);
  assert.equal(rendered(`$input.json('$.constructor.a')`, body), '2');
  assert.equal(rendered(`$input.json('$.hasOwnProperty')`, body), '""');
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('text that is not JSON becomes a JSON string of itself', () => {
  assert.equal(rendered(`$input.json('$')`, 'plain "text"'), '"plain \\"text\\""');
  assert.equal(rendered(`$input.json('$')`, '{"a":'), '"{\\"a\\":"');
  assert.equal(rendered(`$input.json('$')`, ''), '""');
  assert.equal(rendered('$input.body', 'plain'), 'plain');
});

test('paths reach members and elements, and give an empty string where there is nothing', () => {
  const body = '{"a":{"b c":[1,{"d":"x"}]},"n":null}';
  const table = [
    [`$input.json('$.a')`, '{"b c":[1,{"d":"x"}]}'],
    [`$input.json("$.a['b c'][1].d")`, '"x"'],
    [`$input.path("$.a['b c'][1].d")`, 'x'],
    [`$input.path('$').a.get('b c').get(0)`, '1'],
    [`$input.json('$.missing.deeper')`, '""'],
    [`[$input.path('$.missing')]`, '[]'],
    [`$input.json('$.n')`, '""'],
    [`#foreach($e in $input.path("$.a['b c']"))$foreach.index,#end`, '0,1,'],
  ] as const;
  for (const [template, expected] of table) assert.equal(rendered(template, body), expected, template);
});

test('a path beyond members and elements is refused when the template is read', () => {
  assert.throws(() => new MappingTemplate(`$input.json('$..a')`), /JSONPath \$\.\.a is not supported/);
  assert.throws(() => new MappingTemplate(`$input.path("$.a[*]")`), /\[\*\] is not supported/);
});

test('a template that does not parse is refused when it is read', () => {
  assert.throws(() => new MappingTemplate('#if($a'), /[Pp]arse error|Expecting/);
});

test('util functions give what the API Gateway reference says', () => {
  const table = [
    ['$util.base64Encode("héllo")', 'aMOpbGxv'],
    ['$util.base64Decode("aMOpbGxv")', 'héllo'],
    ['$util.urlEncode("a b&c=é")', 'a+b%26c%3D%C3%A9'],
    ['$util.urlDecode("a+b%26c%3D%C3%A9")', 'a b&c=é'],
    [`$util.parseJson('{"a":[1,2]}').a.size()`, '2'],
    ['$util.escapeJavaScript($input.body)', `\\"it\\'s\\" \\n\\u00E9 \\/ \\\\ \\uD83D\\uDE00`],
  ] as const;
  for (const [template, expected] of table)
    assert.equal(rendered(template, `"it's" \né / \\ 😀`), expected, template);
});

test('context, stage variables and unknown references', () => {
  assert.equal(
    rendered(`$context.routeKey $context.requestTimeEpoch \${context.identity.sourceIp} $context.eventType`),
    '$default 1700000000123 127.0.0.1 MESSAGE',
  );
  assert.equal(rendered(`\${stageVariables.colour}`, '{}', { colour: 'blue' }), 'blue');
  assert.equal(rendered('$nothing $!nothing.'), '$nothing .');
});

test('one rendering leaves nothing behind for the next', () => {
  const template = new MappingTemplate(
    `#if($input.path('$.stop') == 1)#stop()#end#if($seen)again#end#set($seen = true)$input.path('$.n')`,
  );
  const render = (body: string) =>
    template.render({ context: CONTEXT, body: new MessageBody(body), stageVariables: {} });
  assert.equal(render('{"stop":1,"n":1}'), '');
  assert.equal(render('{"n":2}'), '2');
  assert.equal(render('{"n":3}'), '3');
});

test('unicode and the largest message come through unharmed', () => {
  const text = 'Grüße, 世界 😀 \u2028 \u0000 $ # "" \\u0041';
  assert.deepEqual(spliced(JSON.stringify({ text })), {
    from: CONTEXT.connectionId,
    body: { text },
    empty: '',
  });
  const large = JSON.stringify({ pad: 'x'.repeat(128 * 1_024 - 10) });
  assert.equal(large.length, 128 * 1_024);
  assert.deepEqual(spliced(large), { from: CONTEXT.connectionId, body: JSON.parse(large), empty: '' });
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Velocity's, not JavaScript's
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageBody } from './message-body.ts';
import { MappingTemplate } from './vtl.ts';
import type { TemplateContext } from './vtl-variables.ts';

const CONTEXT: TemplateContext = {
  connection: {
    apiId: 'a1b2c3d4e5',
    connectedAt: 1_700_000_000_000,
    connectionId: 'L0SM9cOFvHcCIhw=',
    domainName: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
    identity: { sourceIp: '127.0.0.1', userAgent: 'test' },
    stage: 'v1',
  },
  messageId: 'MESSAGEIDxxxxxx=',
  requestTimeEpoch: 1_700_000_000_123,
  requestId: 'Qyi3UG41tjMFlUg=',
  routeKey: '$default',
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
    from: CONTEXT.connection.connectionId,
    body: { msg: 'Hello World!' },
    empty: '',
  });
});

test('an escaped apostrophe is turned back by replaceAll, as the API Gateway reference advises', () => {
  const template = `#set($text = $util.escapeJavaScript($input.path('$.text')).replaceAll("\\\\'", "'"))
#set($data = "{""text"": ""$text""}")
$data`;
  assert.equal(rendered(template, `{"text":"it's"}`), `{"text": "it's"}`);
});

test('methods of strings, lists and maps are those of Java', () => {
  const template = `#set($m = $input.path('$'))
#set($t = $m.text)
len=$t.length() size=$m.list.size() get0=$m.list.get(0) contains=$t.contains('a') eq=$t.equals('abc') up=$t.toUpperCase() empty=$m.list.isEmpty() has=$m.containsKey('text') matches=$t.matches('[a-c]+') rep=$t.replaceAll('[a-b]','x') split=$t.split('b').size() sub=$t.substring(1) idx=$t.indexOf('c') starts=$t.startsWith('a') trim=$t.trim() keys=$m.keySet() first=$t.replaceFirst('a','z') eqic=$t.equalsIgnoreCase('ABC') hash=$t.hashCode()`;
  assert.equal(
    rendered(template, '{"text":"abc","list":["x","y"],"n":1}'),
    'len=3 size=2 get0=x contains=true eq=true up=ABC empty=false has=true matches=true rep=xxc split=2 sub=bc idx=2 starts=true trim=abc keys=[text, list, n] first=zbc eqic=true hash=96354',
  );
});

test('JSON keeps the digits of its numbers and the order of its members', () => {
  const body =
    '{"id":9007199254740993,"price":1.50,"10":1,"9":2,"huge":123456789012345678901234567890,"e":1e3}';
  assert.equal(rendered("$input.json('$')", body), body);
  assert.equal(
    rendered("$input.json('$.price') $input.path('$.id') $input.path('$').price", body),
    '1.50 9007199254740993 1.50',
  );
  assert.equal(rendered("#foreach($k in $input.path('$').keySet())$k #end", body), 'id price 10 9 huge e ');
  assert.equal(rendered("$input.json('$')", '{"a": 1, "b": 2, "a": 3}'), '{"a":3,"b":2}');
});

test('a loop over a map within a loop leaves the outer loop its variables', () => {
  const template = `#set($d = "")
#foreach($item in $input.path('$.items'))#foreach($v in $item)#set($d = "$d$v")#end#if($foreach.hasNext)#set($d = "$d,")#end#end
$d`;
  assert.equal(rendered(template, '{"items":[{"x":"a","y":"b"},{"x":"c"},{"x":"d"}]}'), 'ab,c,d');
});

test('paths are looked for in references only, not in comments or text', () => {
  assert.equal(
    rendered("## was: $input.json('$.items.sum()')\nx #[[$input.json('$..')]]#"),
    "x $input.json('$..')",
  );
});

test('a map prints as Java prints one, a list of a message as JSON', () => {
  const body = '{"o":{"a":1,"b":[true,{"c":null}]},"l":["x/y",1.50]}';
  assert.equal(
    rendered("$input.path('$.o') $input.path('$.l')", body),
    '{a=1, b=[true,{"c":null}]} ["x\\/y",1.50]',
  );
});

test('numbers are calculated as Velocity does', () => {
  const table = [
    ['7 / 2', '3'],
    ['7.0 / 2', '3.5'],
    ['-7 % 3', '-1'],
    ['2147483647 + 1', '2147483648'],
    ['9223372036854775807 + 1', '9223372036854775808'],
    ['10000000.0 * 1', '1.0E7'],
    ['1 / 0', '$x'],
    ['"a" + 1', 'a1'],
  ] as const;
  for (const [expression, expected] of table)
    assert.equal(rendered(`#set($x = ${expression})$x`), expected, expression);
});

test('an empty double-quoted literal in a condition compares as an empty string', () => {
  assert.equal(rendered(`#if($input.path('$.a') == "")empty#{else}full#end`, '{"a":""}'), 'empty');
  assert.equal(rendered(`#if($input.path('$.a') == "")empty#{else}full#end`, '{"a":"x"}'), 'full');
});

test('what a path does not find is an empty text and counts as false', () => {
  const template = `#set($a = $input.path('$.a'))[$a]$input.json('$.a')#if($a)t#{else}f#end#if($a == "")e#end$a.length()`;
  assert.equal(rendered(template, '{}'), '[]""fe0');
  assert.equal(rendered(`#set($a = "")#if($a)t#end`), 't');
});

test('a body that looks like template text is data', () => {
  const attempts = [
    '#set($context = 1)$context.connectionId',
    `$util.base64Encode("x") \${context.stage} #foreach($i in [1..3])x#end`,
    '"}") #set($data = "',
    '#stop',
    '#evaluate("$context.connectionId")',
    '""',
  ];
  for (const attempt of attempts) {
    assert.deepEqual(spliced(JSON.stringify({ attempt })), {
      from: CONTEXT.connection.connectionId,
      body: { attempt },
      empty: '',
    });
    assert.equal(rendered('$input.body', attempt), attempt);
    assert.equal(rendered('#set($x = "[$input.body]")$x', attempt), `[${attempt}]`);
  }
});

test('keys that collide with prototypes neither break rendering nor reach it', () => {
  const body = '{"__proto__":{"polluted":1},"constructor":{"a":2},"toString":"x"}';
  assert.equal(rendered(`$input.json('$')`, body), body);
  assert.equal(rendered(`$input.json('$.constructor.a')`, body), '2');
  assert.equal(rendered(`$input.json('$.hasOwnProperty')`, body), '""');
  assert.equal(
    rendered(`$input.path('$').hasOwnProperty $input.path('$').valueOf()`, body),
    `$input.path('$').hasOwnProperty $input.path('$').valueOf()`,
  );
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('text that is not JSON becomes a JSON string of itself', () => {
  assert.equal(rendered(`$input.json('$')`, 'plain "text"'), '"plain \\"text\\""');
  assert.equal(rendered(`$input.json('$')`, '{"a":'), '"{\\"a\\":"');
  assert.equal(rendered(`$input.json('$')`, ''), '""');
  assert.equal(rendered('$input.body', 'plain'), 'plain');
});

test('paths reach members, elements, slices and what a filter lets through', () => {
  const body = '{"a":{"b c":[1,{"d":"x"}]},"n":null,"i":[{"p":1},{"p":2},{"q":3}]}';
  const table = [
    [`$input.json('$.a')`, '{"b c":[1,{"d":"x"}]}'],
    [`$input.json("$.a['b c'][1].d")`, '"x"'],
    [`$input.path("$.a['b c'][1].d")`, 'x'],
    [`$input.path('$').a.get('b c').get(0)`, '1'],
    [`$input.json('$.missing.deeper')`, '""'],
    [`$input.json('$.n')`, 'null'],
    [`$input.json('$.i[*].p')`, '[1,2]'],
    [`$input.json('$..p')`, '[1,2]'],
    [`$input.json('$.i[-1].q')`, '3'],
    [`$input.json('$.i[1:]')`, '[{"p":2},{"q":3}]'],
    [`$input.json('$.i[?(@.p > 1)]')`, '[{"p":2}]'],
    [`$input.json('$.missing[*]')`, '[]'],
    [`$input.path('$.i.length()')`, '3'],
    [`#foreach($e in $input.path("$.a['b c']"))$foreach.index,#end`, '0,1,'],
  ] as const;
  for (const [template, expected] of table) assert.equal(rendered(template, body), expected, template);
});

test('what would not be rendered as on AWS is refused when the template is read, by name and line', () => {
  const table: [string, RegExp][] = [
    [
      '\n$context.authorizer.UserId',
      /^line 2: \$context\.authorizer\.UserId has no value on the local stage/,
    ],
    ['$context.status', /^line 1: \$context\.status/],
    ['$context.identity.apiKey', /\$context\.identity\.apiKey has no value/],
    ['$context.identity', /\$context\.identity has no value/],
    ['$context', /^line 1: \$context has/],
    ['$context.get($input.body)', /\$context\.get/],
    ['$context["error"].message', /\$context\["error"\]\.message/],
    ['"$!{context.error.messageString}"', /context\.error/],
    ['#set($x = "a $context.error.message")', /^line 1: \$context\.error\.message/],
    ['\n\n#if($stageVariables.missing)x#end', /^line 3: \$stageVariables\.missing is not set/],
    ['$stageVariables.get("missing")', /stageVariables/],
    ['$input.headers', /^line 1: \$input\.headers is not supported/],
    ['$input.json()', /\$input\.json\(\) is not supported/],
    ['$input', /\$input is not supported/],
    ['$util.toJson($x)', /\$util\.toJson\(\$x\) is not supported/],
    ['$util.base64Encode()', /\$util\.base64Encode\(\)/],
    ['#set($context.requestOverride.path.x = 1)', /cannot be set/],
    ['#foreach($input in [1])x#end', /the name is taken/],
    [`$input.json('$.a.sum()')`, /^line 1: JSONPath \$\.a\.sum\(\) is not supported/],
    [`$input.json("$.a.sum()")`, /^line 1: JSONPath \$\.a\.sum\(\) is not supported/],
    ['#parse("x")', /^line 1: #parse is not supported/],
    ['\n#include("x")', /^line 2: #include is not supported/],
    ['#evaluate("x")', /#evaluate is not supported/],
    ['$input.body.foo()', /^line 1: String has no method foo/],
    ['#set($s = "x")$s.nosuch()', /String has no method nosuch/],
    ['$x.codePointAt(0)', /the method codePointAt is not supported/],
    ['$x.class.name', /the property class is not supported/],
    ['$x.replaceAll("a++", "b")', /^line 1: .*possessive/],
    ['$x.matches("(")', /is not a regular expression/],
    ['#foreach($i in [1])$foreach.info#end', /\$foreach\.info is not supported/],
    ['#if($a', /^line 1: expected \)/],
    ['x\n#end', /^line 2: #end or #else without a block/],
    ['${x|"y"}', /^line 1: expected \}/],
  ];
  for (const [template, pattern] of table)
    assert.throws(
      () => new MappingTemplate(template, [new Set(['colour'])]),
      (error: Error) => pattern.test(error.message),
      template,
    );
});

test('all that is refused in a template is told at once', () => {
  assert.throws(() => new MappingTemplate('$context.status\n$util.time()'), /line 1: .*; line 2: /);
  const count = (template: string) => {
    try {
      new MappingTemplate(template);
      return 0;
    } catch (error) {
      return (error as Error).message.split('; line ').length;
    }
  };
  assert.equal(count('$context.authorizer.claims.sub'), 1);
});

test('what is accepted of the given variables', () => {
  assert.equal(
    rendered(
      '$context.get("stage") $context["stage"] $stageVariables.get("colour") #foreach($k in $stageVariables.keySet())$k#end $input.params().header $input.params("x")|',
      '{}',
      { colour: 'blue' },
    ),
    'v1 v1 blue colour {} |',
  );
});

test('a failure of a call fails the rendering', () => {
  for (const template of [
    '$util.parseJson("{")',
    `$input.path('$').text.substring(9)`,
    `$input.path('$').list.get(3)`,
    '$input.path($input.body)',
  ])
    assert.throws(() => rendered(template, '{"text":"abc","list":[]}'), template);
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
    from: CONTEXT.connection.connectionId,
    body: { text },
    empty: '',
  });
  const large = JSON.stringify({ pad: 'x'.repeat(128 * 1_024 - 10) });
  assert.equal(large.length, 128 * 1_024);
  assert.deepEqual(spliced(large), {
    from: CONTEXT.connection.connectionId,
    body: JSON.parse(large),
    empty: '',
  });
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Velocity's, not JavaScript's
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from './interpreter.ts';
import { parseTemplate } from './template-parser.ts';

const print = (template: string): string => render(parseTemplate(template), []);

test('directives take the blanks around them that Velocity 1.7 takes', () => {
  const table = [
    ['#set($x = 1)  \n|$x', '|1'],
    ['  #set($x = 1)\r\n  $x\n', '  1\n'],
    ['a #set($x = 1) b', 'a  b'],
    ['#if(true)  \n a\n #else\n b\n #end\nc', ' a\n c'],
    ['a ## comment\nb#* c\n *#d', 'a bd'],
    ['#foreach($i in [1..2])\n$i\n#end\n!', '1\n2\n!'],
    ['#[[ $x #if ]]#', ' $x #if '],
  ] as const;
  for (const [template, expected] of table) assert.equal(print(template), expected, JSON.stringify(template));
});

test('what has no value, is escaped or is no directive is printed as it is written', () => {
  for (const text of ['$a', '$a.b("c")[0]', '#foo($a)', '$5 and $ or # 1', '\\\\n \\" a\\b', '{"$ref": 1}'])
    assert.equal(print(text), text);
  assert.equal(print('$!a$!a.b|#set($x = 1)\\$x \\#if'), '|$x #if');
});

test('macros take their arguments by name, before and after they are defined', () => {
  assert.equal(print('#hi("a")#macro(hi $n)[$n]#end#hi($none)#@hi(2)x#end'), '[a][$none][2]');
  assert.equal(print('#macro(r $n)$n#if($n > 0)#set($p = $n - 1)#r($p)#end#end#r(2)'), '210');
  assert.throws(() => print('#macro(f)#f()#end#f()'), /more than 20 deep/);
});

test('loops are left by #break and #stop, and give their variables back', () => {
  assert.equal(print('#set($i = 9)#foreach($i in [1..5])#if($i == 3)#break#end$i#end$i'), '129');
  assert.equal(print('#foreach($i in [1..5])#if($i == 3)#stop#end$i#end!'), '12');
  assert.equal(
    print('#foreach($a in [1..2])#foreach($b in [1..2])$foreach.parent.index$foreach.index,#end#end$foreach'),
    '00,01,10,11,$foreach',
  );
});

test('an exclamation mark behind a dollar that begins no reference is lost', () => {
  assert.equal(print('a $! b $!1 $!!x "$!" $!. \\$! c'), 'a $ b $1 $!x "$" $. \\$ c');
  assert.equal(print('#set($s = "$! a")$s'), '$ a');
});

test("what Velocity's lexer misreads is refused by line", () => {
  for (const template of [
    '$x{$y}',
    '$x{y}',
    '#$x#set($a = 1)',
    '$x.y##c',
    '$a$b.c${d}[0]',
    'x $',
    'x #',
    '$x.y()true',
  ])
    assert.throws(() => parseTemplate(template), /^TemplateSyntaxError: line 1: /, template);
});

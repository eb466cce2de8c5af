/** Parameters: which values are in force, and every constraint firing alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parametersInForce } from './parameter.ts';
import { Problems, TemplateError } from './problems.ts';
import type { Json } from './value.ts';

type Definition = { readonly [key: string]: Json };

function inForce(
  definition: Definition,
  given?: string,
): { readonly value: unknown; readonly display: string | undefined } {
  const problems = new Problems('demo.yaml', () => null);
  const values = parametersInForce({
    definitions: { P: definition },
    given: given === undefined ? {} : { P: given },
    problems,
  });
  problems.throwIfAny();
  const { value, display } = values.get('P') ?? {};
  return { value, display };
}

describe('a parameter', () => {
  const values: readonly (readonly [definition: Definition, given: string | undefined, value: unknown])[] = [
    [{ Type: 'String', Default: 'a' }, undefined, 'a'],
    [{ Type: 'String', Default: 'a' }, '', ''],
    [{ Type: 'String', Default: true, AllowedValues: [true, false] }, undefined, 'true'],
    [{ Type: 'String', AllowedPattern: '[a-z]+', MinLength: 2, MaxLength: '3' }, 'abc', 'abc'],
    [{ Type: 'Number', Default: 2, MinValue: 1, MaxValue: 3 }, undefined, '2'],
    [{ Type: 'Number', MinValue: '-1' }, '-0.5', '-0.5'],
    [{ Type: 'Number', AllowedValues: [1, 3, 5] }, '3', '3'],
    [{ Type: 'CommaDelimitedList' }, 'a, b ,c', ['a', 'b', 'c']],
    [{ Type: 'CommaDelimitedList' }, '', []],
    ...['(?i)[a-z]+', '[a-z]++\\d', '\\p{Upper}+', '(?>ab)', '\\AB1\\z', '[A-Z&&[^C]]\\d'].map(
      (AllowedPattern) => [{ Type: 'String', AllowedPattern }, 'B1', 'B1'] as const,
    ),
    [{ Type: 'List<Number>', MaxValue: 9 }, '1,2', ['1', '2']],
  ];
  for (const [definition, given, value] of values) {
    test(`${JSON.stringify(definition)} given ${given} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual(inForce(definition, given).value, value);
    });
  }

  const mistakes: readonly (readonly [definition: Definition, given: string | undefined, message: RegExp])[] =
    [
      [{ Type: 'String' }, undefined, /Parameters\.P: has no default, so a value must be given/],
      [{ Type: 'String', AllowedValues: ['a', 'b'] }, 'c', /"c" must be one of a, b/],
      [{ Type: 'String', AllowedPattern: '[a-z]+' }, 'ab1', /"ab1" must match \[a-z\]\+/],
      [
        { Type: 'String', AllowedPattern: 'a', ConstraintDescription: 'an a, please' },
        'b',
        /must match a \(an a, please\)/,
      ],
      [{ Type: 'String', MinLength: 2 }, 'a', /must have a length of at least 2/],
      [{ Type: 'String', MaxLength: 2 }, 'abc', /must have a length of at most 2/],
      [{ Type: 'Number' }, '1x', /"1x" must be a number/],
      [{ Type: 'Number' }, '', /"" must be a number/],
      [{ Type: 'Number', MinValue: 1 }, '0', /must be at least 1/],
      [{ Type: 'Number', MaxValue: 1 }, '1.5', /must be at most 1/],
      [{ Type: 'Number', Default: 9, MaxValue: 1 }, undefined, /"9" must be at most 1/],
      [{ Type: 'List<Number>' }, '1,b', /"1,b" must be a number/],
      [{ Type: 'CommaDelimitedList', AllowedValues: ['a'] }, 'a,b', /must be one of a/],
      [
        { Type: 'AWS::EC2::KeyPair::KeyName', Default: 'x' },
        undefined,
        /AWS looks its values up at deployment/,
      ],
      [
        { Type: 'List<AWS::EC2::Subnet::Id>', Default: 'x' },
        undefined,
        /AWS looks its values up at deployment/,
      ],
      [{ Default: 'x' }, undefined, /type missing is not supported/],
      [{ Type: 'String', Default: 'x', Defualt: 'y' }, undefined, /unknown key Defualt/],
      [
        { Type: 'String', Default: 'x', AllowedPattern: '(' },
        undefined,
        /AllowedPattern is not a regular expression/,
      ],
      [{ Type: 'String', Default: 'x', AllowedValues: 'x' }, undefined, /AllowedValues must be a list/],
      [{ Type: 'Number', Default: 1, MinValue: 'one' }, undefined, /MinValue must be a number/],
    ];
  for (const [definition, given, message] of mistakes) {
    test(`${JSON.stringify(definition)} refuses ${given}`, () => {
      assert.throws(
        () => inForce(definition, given),
        (error) => error instanceof TemplateError && message.test(error.message),
      );
    });
  }

  test('that the template hides is shown as asterisks, and its value is in no message', () => {
    const secret: Definition = { Type: 'String', NoEcho: true, MaxLength: 6 };
    assert.deepEqual(inForce(secret, 'hunter'), { value: 'hunter', display: '****' });
    assert.throws(
      () => inForce(secret, 'hunter2'),
      (error) => !String(error).includes('hunter2'),
    );
  });

  test('of type Number is accepted exactly when it is within its bounds', () => {
    const amount = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(amount, amount, amount, (value, low, high) => {
        const accepted = value >= low && value <= high;
        const definition = { Type: 'Number', MinValue: low, MaxValue: high };
        if (accepted) assert.equal(inForce(definition, String(value)).value, String(value));
        else assert.throws(() => inForce(definition, String(value)), TemplateError);
      }),
    );
  });
});

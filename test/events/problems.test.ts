import { describe, expect, it } from 'vitest';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { CreateAmiBody } from '../../shared/events/create-ami-body.ts';
import { check, sentenceOf } from '../../shared/events/problems.ts';
import { fc } from '../support/property.ts';

const body = (overrides: object = {}) => ({ instance_name_list: ['service-api'], ...overrides });
const problemsOf = (value: unknown) =>
  (check(CreateAmiBody, value).problems ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);

describe('check', () => {
  it.each([
    [null, [' must be an object']],
    [[], [' must be an object']],
    ['text', [' must be an object']],
    [{}, ['/instance_name_list is missing; it must be an array']],
    [body({ instance_name_list: [] }), ['/instance_name_list must name at least one instance']],
    [body({ instance_name_list: 'service-api' }), ['/instance_name_list must be an array']],
    [
      body({ instance_name_list: [1, 'service-api', ''] }),
      ['/instance_name_list/0 must be a string', '/instance_name_list/2 must not be empty'],
    ],
    [body({ instance_name_list: ['\u0000'] }), ['/instance_name_list/0 must not contain control characters']],
    [body({ instance_name_list: ['\ud800'] }), ['/instance_name_list/0 must be well-formed Unicode']],
    [body({ reason: '' }), ['/reason must not be empty']],
    [body({ no_reboot: 'yes' }), ['/no_reboot must be a boolean']],
    [body({ retention_days: 0 }), ['/retention_days must be at least 1']],
    [body({ retention_days: -1 }), ['/retention_days must be at least 1']],
    [body({ retention_days: 1.5 }), ['/retention_days must be a whole number']],
    [body({ retention_days: '14' }), ['/retention_days must be a whole number']],
    [body({ retention_days: null }), ['/retention_days must be a whole number']],
    [body({ retention_days: 36_501 }), ['/retention_days must be at most 36500']],
    [body({ tags: [] }), ['/tags must be an object']],
    [body({ tags: { commit: 1 } }), ['/tags/commit must be a string']],
    [body({ 'a/b~c': 1 }), ['/a~1b~0c is not a known field']],
    [body({ one: 1, two: 2 }), ['/one is not a known field', '/two is not a known field']],
  ])('%j', (value, problems) => {
    expect(problemsOf(value)).toEqual(problems);
  });

  it.each(['Name', 'name', 'Reason', 'amity:instance-name', 'AMITY:x', 'aws:x', 'AWS:x'])(
    'the tag %s is reserved',
    (key) => {
      expect(problemsOf(body({ tags: { [key]: 'value' } }))).toEqual([
        `/tags/${key} is reserved: Name, Reason, amity:… and aws:… are refused`,
      ]);
    },
  );

  it.each([
    ['one name', body()],
    ['100 names', body({ instance_name_list: Array.from({ length: 100 }, (_, index) => `n${index}`) })],
    ['a name of 255', body({ instance_name_list: ['x'.repeat(255)] })],
    [
      'every option',
      body({
        reason: 'Nightly',
        no_reboot: false,
        tags: { commit: '9fceb02', empty: '' },
        retention_days: 1,
      }),
    ],
    ['an age of a hundred years', body({ retention_days: 36_500 })],
    [
      '40 tags',
      body({ tags: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`t${index}`, ''])) }),
    ],
  ])('%s is fine', (_, value) => {
    expect(check(CreateAmiBody, value)).toEqual({ data: value });
  });

  it.each([
    ['101 names', body({ instance_name_list: Array.from({ length: 101 }, () => 'n') })],
    ['a name of 256', body({ instance_name_list: ['x'.repeat(256)] })],
    [
      '41 tags',
      body({ tags: Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`t${index}`, ''])) }),
    ],
    ['a tag of 129', body({ tags: { ['x'.repeat(129)]: '' } })],
    ['a tag’s value of 257', body({ tags: { x: 'x'.repeat(257) } })],
  ])('%s is too much', (_, value) => {
    expect(problemsOf(value)).toHaveLength(1);
  });

  it('never throws, whatever JSON it is given, and says something of what it refuses', () => {
    const schemas = fc.constantFrom(CreateAmiBody, AmiRequested.schema);
    const fields = [
      'instance_name_list',
      'instanceName',
      'requestId',
      'tags',
      'noReboot',
      '__proto__',
      'constructor',
    ];
    const nearly = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue());
    fc.assert(
      fc.property(schemas, fc.oneof(fc.jsonValue(), nearly), (schema, value) => {
        const { data, problems } = check<typeof schema>(schema, JSON.parse(JSON.stringify(value)));
        expect(data === undefined).toBe(problems !== undefined);
        for (const problem of problems ?? []) {
          expect(problem.pointer).toMatch(/^(\/|$)/);
          expect(problem.detail).not.toBe('');
          expect(problem.detail).not.toMatch(/undefined|Invalid input|\[object/);
        }
      }),
    );
  });
});

it('sentenceOf names the whole where there is no field', () => {
  expect(sentenceOf(check(CreateAmiBody, null).problems ?? [])).toBe('the whole must be an object');
});

import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { retentionSettings } from '../../infra/retention-checks.ts';
import { mistakesIn } from './support/mistakes.ts';

const wrong = (retention: object): string[] =>
  mistakesIn({ retention })
    .split('\n')
    .slice(1)
    .map((line) => line.replace('  retention.', ''));
const right = (retention: object) => parseConfig({ retention }).retention;

const WHOLE = ['days', 'keepNewest', 'maxDeletionsPerRun', 'launchTemplateVersions'];
const AGES = ['deprecateDays', 'disableDays'];
const LATER = 'one stage comes after the other';

describe('retention may say', () => {
  it('nothing: delete after 14 days what is not of the newest two, and neither deprecate nor disable', () => {
    expect(right({})).toEqual({
      days: 14,
      keepNewest: 2,
      policies: [],
      schedule: 'cron(0 3 * * ? *)',
      maxDeletionsPerRun: 50,
      stopAboveShare: 0.5,
      recycleBinDays: 7,
      launchTemplateVersions: 10,
      regions: [],
    });
  });

  it('all stages, and others for some names', () => {
    const retention = {
      days: 30,
      deprecateDays: 10,
      disableDays: 20,
      policies: [
        { names: ['db-*', 'ledger'], days: 365, keepNewest: 12, deprecateDays: 90, disableDays: 180 },
        { names: ['*-test'], deprecateDays: 1, disableDays: 2, days: 3 },
        { names: ['*'], keepNewest: 5 },
      ],
      stopAboveShare: 1,
      recycleBinDays: 0,
      launchTemplateVersions: 10_000,
      regions: ['eu-west-1', 'us-gov-west-1'],
    };
    expect(right(retention)).toMatchObject(retention);
  });
});

describe('of retention, a mistake is named:', () => {
  const NUMBERS = [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '14', null];

  it.each([...WHOLE, ...AGES])('%s that is no positive whole number', (key) => {
    for (const value of NUMBERS) {
      const [mistake, ...more] = wrong({ [key]: value });
      expect(mistake).toMatch(
        new RegExp(`^${key} must be a whole number (of at least 1|from 1 to 10000), got`),
      );
      expect(mistake).toContain(typeof value === 'string' ? `"${value}"` : String(value));
      expect(more).toEqual([]);
    }
  });

  it.each([...AGES, 'days', 'keepNewest'])("a policy's %s that is no positive whole number", (key) => {
    for (const value of NUMBERS) {
      expect(wrong({ policies: [{ names: ['a'] }, { names: ['b'], [key]: value }] })).toEqual([
        expect.stringMatching(
          new RegExp(`^policies\\[1\\]\\.${key} must be a whole number of at least 1, got `),
        ),
      ]);
    }
  });

  it.each<[string, object, string[]]>([
    ['too many template versions', { launchTemplateVersions: 10_001 }, ['from 1 to 10000, got 10001']],
    ['a share of nothing', { stopAboveShare: 0 }, ['must be a number above 0 and up to 1, got 0']],
    ['a share of more than all', { stopAboveShare: 1.5 }, ['must be a number above 0 and up to 1, got 1.5']],
    ['a share that is none', { stopAboveShare: Number.NaN }, ['above 0 and up to 1, got NaN']],
    ['a share in words', { stopAboveShare: '50%' }, ['above 0 and up to 1, got "50%"']],
    ['a bin for less than nothing', { recycleBinDays: -1 }, ['must be a whole number from 0 to 365, got -1']],
    ['a bin for half a day', { recycleBinDays: 0.5 }, ['must be a whole number from 0 to 365, got 0.5']],
    ['a bin for too long', { recycleBinDays: 366 }, ['must be a whole number from 0 to 365, got 366']],
    ['no bin by a word', { recycleBinDays: false }, ['must be a whole number from 0 to 365, got false']],
    ['a region that is none', { regions: ['Ireland'] }, ['regions[0] must be a region, such as eu-west-1']],
    ['a region twice', { regions: ['eu-west-1', 'eu-west-1'] }, ['regions must not name a region twice']],
    ['policies that are none', { policies: { a: 1 } }, ['policies must be a list, got {"a":1}']],
    [
      'a policy that is none',
      { policies: ['a', null] },
      ['policies[0] must be an object, got "a"', 'policies[1] must be an object, got null'],
    ],
    [
      'a policy without names',
      { policies: [{ days: 3 }] },
      ['policies[0].names must be a list, got nothing'],
    ],
    [
      'a policy of no names',
      { policies: [{ names: [] }] },
      ['policies[0].names must name at least one instance name or pattern, got []'],
    ],
    [
      'an empty name',
      { policies: [{ names: [''] }] },
      ['policies[0].names[0] must be an instance name of 1'],
    ],
    ['a name with a line break', { policies: [{ names: ['a\nb'] }] }, ['names[0] must be an instance name']],
    ['a name that is too long', { policies: [{ names: ['x'.repeat(256)] }] }, ['must be an instance name']],
    ['a name twice', { policies: [{ names: ['a', 'a'] }] }, ['names must not name a pattern twice']],
    ['a misspelt key', { keepnewest: 3 }, ['keepnewest is no key of this configuration']],
    [
      'a misspelt key of a policy',
      { policies: [{ names: ['a'], maxDeletionsPerRun: 3 }] },
      ['policies[0].maxDeletionsPerRun is no key of this configuration'],
    ],
  ])('%s', (_, retention, mistakes) => {
    expect(wrong(retention)).toEqual(mistakes.map((each) => expect.stringContaining(each)));
  });
});

describe('stages that cannot come one after the other are named:', () => {
  it.each<[string, object, string[]]>([
    [
      'delete before disable',
      { disableDays: 15 },
      [`disableDays must be less than days (14): ${LATER}, got 15`],
    ],
    [
      'both at once',
      { days: 7, disableDays: 7 },
      [`disableDays must be less than days (7): ${LATER}, got 7`],
    ],
    [
      'delete before deprecate',
      { deprecateDays: 20 },
      [`deprecateDays must be less than days (14): ${LATER}, got 20`],
    ],
    [
      'disable before deprecate',
      { deprecateDays: 10, disableDays: 5 },
      [`deprecateDays must be less than disableDays (5): ${LATER}, got 10`],
    ],
    [
      'all of it, in a policy',
      { policies: [{ names: ['a'] }, { names: ['b'], deprecateDays: 9, disableDays: 8, days: 7 }] },
      [
        `policies[1].disableDays must be less than days (7): ${LATER}, got 8`,
        `policies[1].deprecateDays must be less than days (7): ${LATER}, got 9`,
        `policies[1].deprecateDays must be less than disableDays (8): ${LATER}, got 9`,
      ],
    ],
    [
      "a policy's stage after the default's",
      { policies: [{ names: ['a'], disableDays: 14 }] },
      [`policies[0].disableDays must be less than days (14): ${LATER}, got 14`],
    ],
    [
      "a policy's end before the default's stages",
      { deprecateDays: 3, disableDays: 5, policies: [{ names: ['a'], days: 4 }] },
      [`policies[0].days must be more than disableDays (5 in the default policy): ${LATER}, got 4`],
    ],
    [
      'what the default says wrong, once, and not of each policy',
      { disableDays: 20, policies: [{ names: ['a'] }, { names: ['b'], keepNewest: 9 }] },
      [`disableDays must be less than days (14): ${LATER}, got 20`],
    ],
    [
      'beside what is wrong in itself, whose order says nothing',
      { days: Number.NaN, deprecateDays: 0, disableDays: 5, policies: [{ names: ['a'], days: 5 }] },
      [
        'days must be a whole number of at least 1, got NaN',
        'deprecateDays must be a whole number of at least 1, got 0',
        `policies[0].days must be more than disableDays (5 in the default policy): ${LATER}, got 5`,
      ],
    ],
  ])('%s', (_, retention, mistakes) => {
    expect(wrong(retention).sort()).toEqual(mistakes.sort());
  });
});

describe("what a function's environment cannot hold", () => {
  const MOST = 3_300;
  const policies = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ names: [`${index}`.padStart(90, '-')], days: 5 }));

  it('is refused, by its length in bytes, regions and all', () => {
    expect(right({ policies: policies(25) }).policies).toHaveLength(25);
    const regions = Array.from(
      { length: 20 },
      (_, index) => `ap-southeast${'abcdefghijklmnopqrst'[index]}-1`,
    );
    for (const retention of [{ policies: policies(30) }, { policies: policies(25), regions }]) {
      const [mistake, ...more] = wrong(retention);
      expect(mistake).toMatch(
        new RegExp(`^policies must be shorter: all of retention may have ${MOST} bytes as JSON, not \\d+`),
      );
      expect(mistake?.length).toBeLessThan(400);
      expect(more).toEqual([]);
    }
    expect(
      wrong({ policies: [{ names: Array.from({ length: 5 }, (_, i) => `${i}${'名'.repeat(250)}`) }] }),
    ).toHaveLength(1);
  });

  it('would be more than 4 KB with the longest names beside it', () => {
    const others = {
      BUS_NAME: 'x'.repeat(256),
      RETIRED_TABLE: 'x'.repeat(255),
      QUEUE_URL: `https://sqs.ap-southeast-2.amazonaws.com/000000000000/${'x'.repeat(80)}`,
      RETENTION: 'x'.repeat(MOST),
    };
    expect(Object.entries(others).flat().join('').length).toBeLessThanOrEqual(4096);
  });

  it('leaves out when it runs, which the functions have no use for', () => {
    const { schedule: _, ...settings } = right({ days: 9 });
    expect(JSON.parse(retentionSettings(right({ days: 9 })))).toEqual(settings);
  });
});

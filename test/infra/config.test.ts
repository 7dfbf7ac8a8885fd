import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../../infra/config.ts';
import { configJsonSchema, SCHEMA_FILE } from '../../infra/config-json-schema.ts';
import { mistakesIn } from './support/mistakes.ts';

/** All that a receiver can be told. */
const TOLD = [
  'AmiAvailable',
  'AmiFailed',
  'AmiCleaned',
  'AmiRestored',
  'AmiRestoreFailed',
  'AmiRolledOut',
  'AmiRolledBack',
  'AmiRolloutSucceeded',
  'AmiRolloutFailed',
  'AmiRolloutPlanned',
  'AmiMoved',
  'AmiMoveFailed',
];
const receiver = { format: 'jandi', urlParameter: '/amity/webhook-url' };

describe('a configuration', () => {
  it('may be empty: everything has a default', () => {
    expect(parseConfig({})).toEqual({
      stackName: 'Amity',
      busName: 'amity',
      timeZone: 'UTC',
      reason: 'Deploy',
      noReboot: true,
      requests: { deadlineMinutes: 1440 },
      waiter: { pollSeconds: 300, timeoutMinutes: 1440 },
      retention: {
        days: 14,
        keepNewest: 2,
        policies: [],
        schedule: 'cron(0 3 * * ? *)',
        maxDeletionsPerRun: 50,
        stopAboveShare: 0.5,
        recycleBinDays: 7,
        launchTemplateVersions: 10,
        regions: [],
      },
      bake: {
        instanceType: 't3.small',
        subnetIds: [],
        securityGroupIds: [],
        instanceProfiles: [],
        baseImageOwners: ['self', 'amazon'],
        userDataBuckets: [],
        kmsKeyArns: [],
      },
      bakes: [],
      rollout: { instanceRoles: [], dryRun: false, schedule: 'cron(0 2 * * ? *)' },
      backup: {},
      archive: { retentionDays: 90 },
      notifications: [],
      publishers: { accounts: [], allowReboot: false },
      api: { callerAccounts: [], throttle: { ratePerSecond: 20, burst: 40 } },
      alarms: { enabled: true },
    });
  });

  it('tells a receiver of everything, unless it names its events', () => {
    const { notifications } = parseConfig({ notifications: [receiver] });
    expect(notifications[0]?.events).toEqual(TOLD);
  });

  it.each([
    ['cron(0 3 * * ? *)'],
    ['cron(0/15 8-18 ? * MON-FRI *)'],
    ['cron(30 1 L * ? 2026-2030)'],
    ['cron(0 0 ? * 6#3 *)'],
    ['cron(0 0 15W JAN,JUL ? *)'],
    ['rate(1 hour)'],
    ['rate(12 hours)'],
  ])('takes the schedule %s', (schedule) => {
    expect(parseConfig({ retention: { schedule } }).retention.schedule).toBe(schedule);
  });

  it.each(['UTC', 'Asia/Seoul', 'America/Argentina/Buenos_Aires', 'Europe/Berlin'])(
    'takes the time zone %s',
    (timeZone) => {
      expect(parseConfig({ timeZone }).timeZone).toBe(timeZone);
    },
  );
});

describe('a mistake', () => {
  it.each([
    ['a list in place of an object', [], 'The whole must be an object, got []'],
    [
      'a number as name',
      { stackName: 1 },
      'stackName must be a stack name: a letter, then letters, digits and -, got 1',
    ],
    ["AWS's own bus", { busName: 'default' }, 'busName must be the name of a bus of its own'],
    [
      'an offset as time zone',
      { timeZone: '+09:00' },
      'timeZone must be an IANA time zone, such as UTC or Asia/Seoul, got "+09:00"',
    ],
    [
      'an unknown time zone',
      { timeZone: 'Mars/Olympus' },
      'timeZone must be an IANA time zone, such as UTC or Asia/Seoul, got "Mars/Olympus"',
    ],
    [
      'an empty reason',
      { reason: '' },
      'reason must have 1 to 128 characters, no control characters, got ""',
    ],
    ['no alarms by a word', { alarms: { enabled: 'no' } }, 'alarms.enabled must be true or false, got "no"'],
    ['a word for a flag', { noReboot: 'yes' }, 'noReboot must be true or false, got "yes"'],
    [
      'a deadline that outlives the queue',
      { requests: { deadlineMinutes: 17_281 } },
      'requests.deadlineMinutes must be a whole number from 1 to 17280, got 17281',
    ],
    [
      'too long an archive',
      { archive: { retentionDays: 366 } },
      'archive.retentionDays must be a whole number from 1 to 365, got 366',
    ],
    [
      'another format',
      { notifications: [{ ...receiver, format: 'slack' }] },
      'notifications[0].format must be "jandi", got "slack"',
    ],
    [
      'a URL in place of a parameter',
      { notifications: [{ ...receiver, urlParameter: 'https://x' }] },
      'notifications[0].urlParameter must be the name of an SSM parameter that begins with /, such as /amity/webhook-url, got "https://x"',
    ],
    [
      'no parameter',
      { notifications: [{ format: 'jandi' }] },
      'notifications[0].urlParameter must be the name of an SSM parameter that begins with /, such as /amity/webhook-url, got nothing',
    ],
    [
      'an event that is not announced',
      { notifications: [{ ...receiver, events: ['AmiRequested'] }] },
      `notifications[0].events[0] must be one of ${TOLD.join(', ')}, got "AmiRequested"`,
    ],
    [
      'no events',
      { notifications: [{ ...receiver, events: [] }] },
      'notifications[0].events must name at least one event, got []',
    ],
    [
      'one receiver twice',
      { notifications: [receiver, receiver] },
      "notifications[1].urlParameter must differ from notifications[0]'s",
    ],
    [
      'a short account',
      { publishers: { accounts: ['123'] } },
      'publishers.accounts[0] must be an account id of 12 digits, got "123"',
    ],
    [
      'an account as a number',
      { publishers: { accounts: [123456789012] } },
      'publishers.accounts[0] must be an account id of 12 digits, got 123456789012',
    ],
    [
      'no organization id',
      { publishers: { organizationId: 'r-1234' } },
      'publishers.organizationId must be an organization id, o-…, got "r-1234"',
    ],
    [
      'too many polls',
      { waiter: { pollSeconds: 57 } },
      'waiter.pollSeconds must be at least 58 for a timeoutMinutes of 1440 (one execution holds 1500 polls, not 1516), got 57',
    ],
  ])('is named: %s', (_, input, sentence) => {
    expect(mistakesIn(input)).toContain(`\n  ${sentence}`);
  });

  it.each([
    'cron(0 3 * * *)',
    'cron(0 3 * * * *)',
    'cron(60 3 * * ? *)',
    'cron(0 3 ? * ? x)',
    'rate(0 hours)',
    'rate(1 week)',
    'at(2026-01-01T00:00:00)',
    '0 3 * * *',
    '',
  ])('is named: the schedule "%s"', (schedule) => {
    expect(mistakesIn({ retention: { schedule } })).toContain(
      `retention.schedule must be cron(minutes hours day-of-month month day-of-week year) or rate(value unit), got "${schedule}"`,
    );
  });

  it('is named with every other one, in one message', () => {
    const message = mistakesIn({
      timezone: 'UTC',
      waiter: { pollSeconds: 1 },
      retention: { days: 0, schedule: 'daily' },
      notifications: [receiver, { ...receiver, format: 'x' }],
    });
    expect(message.split('\n')).toHaveLength(6);
    expect(message).toMatch(/^amity\.config\.json is not right:\n/);
  });
});

describe('the file', () => {
  const file = (text: string) => {
    const path = join(mkdtempSync(join(tmpdir(), 'amity-config-')), 'amity.config.json');
    writeFileSync(path, text);
    return path;
  };

  it('is read', () => {
    expect(loadConfig(file('{"$schema":"./amity.config.schema.json","busName":"images"}')).busName).toBe(
      'images',
    );
  });

  it('that is not there is an error that names it', () => {
    expect(() => loadConfig('/nowhere/amity.config.json')).toThrow(
      'The configuration /nowhere/amity.config.json cannot be read: ENOENT',
    );
  });

  it('that is no JSON is an error that says where', () => {
    expect(() => loadConfig(file('{ "busName": }'))).toThrow(/amity\.config\.json is no JSON: .*"busName"/);
  });

  it('that comes with the project is right', () => {
    expect(loadConfig(join(import.meta.dirname, '..', '..', 'amity.config.json')).notifications).toEqual([]);
  });

  it('has a JSON Schema beside it that is up to date (node infra/config-json-schema.ts writes it)', () => {
    expect(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))).toEqual(JSON.parse(configJsonSchema()));
  });
});

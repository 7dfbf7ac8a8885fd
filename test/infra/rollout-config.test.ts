import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { mistakesIn } from './support/mistakes.ts';
import { synthesize } from './support/synthesize.ts';

const wrong = (config: object): string[] => mistakesIn(config).split('\n').slice(1);

describe('rollouts', () => {
  it('pass no role, and change what they say, at two every night, unless told otherwise', () => {
    expect(parseConfig({ rollout: {} }).rollout).toEqual({
      instanceRoles: [],
      dryRun: false,
      schedule: 'cron(0 2 * * ? *)',
    });
  });

  it.each([
    'service-api',
    'a+b=c,d.e@f-g_h',
    'x'.repeat(64),
    'arn:aws:iam::111122223333:role/service-api',
    'arn:aws:iam::111122223333:role/app/eu/service-api',
    'arn:aws-cn:iam::111122223333:role/service-api',
    'arn:aws-us-gov:iam::111122223333:role/service-api',
  ])('may pass the role %s', (role) => {
    expect(parseConfig({ rollout: { instanceRoles: [role] } }).rollout.instanceRoles).toEqual([role]);
  });

  it.each([
    '',
    '*',
    'service-*',
    'app/service-api',
    'x'.repeat(65),
    'arn:aws:iam::111122223333:role/*',
    'arn:aws:iam::*:role/service-api',
    'arn:aws:iam::11112222333:role/service-api',
    'arn:aws:iam::111122223333:user/service-api',
    'arn:aws:iam::111122223333:instance-profile/service-api',
    7,
    null,
  ])('of their roles, a mistake is named: %s', (role) => {
    expect(wrong({ rollout: { instanceRoles: ['ok', role] } })).toEqual([
      `  rollout.instanceRoles[1] must be the name or the ARN of a role, got ${JSON.stringify(role)}`,
    ]);
  });

  it.each<[string, object, string]>([
    ['a role twice', { instanceRoles: ['a', 'a'] }, 'rollout.instanceRoles must not name a role twice'],
    ['roles that are no list', { instanceRoles: 'a' }, 'rollout.instanceRoles must be a list, got "a"'],
    ['a word for a flag', { dryRun: 'yes' }, 'rollout.dryRun must be true or false, got "yes"'],
    [
      'no schedule',
      { schedule: 'at 2' },
      'rollout.schedule must be cron(minutes hours day-of-month month day-of-week year) or rate(value unit), got "at 2"',
    ],
    ['a number for a schedule', { schedule: 2 }, 'rollout.schedule must be a schedule expression, got 2'],
    [
      'no time zone',
      { timeZone: 'KST+9' },
      'rollout.timeZone must be an IANA time zone, such as UTC or Asia/Seoul, got "KST+9"',
    ],
    ['a misspelt key', { dryrun: true }, 'rollout.dryrun is no key of this configuration'],
    ['a word for all of it', 'on' as never, 'rollout must be an object, got "on"'],
  ])('of them, a mistake is named: %s', (_, rollout, sentence) => {
    const [mistake, ...more] = wrong({ rollout });
    expect(mistake).toContain(sentence);
    expect(more).toEqual([]);
  });

  it('say in dry runs what they would do: every function that changes something knows', () => {
    const { of } = synthesize({ rollout: { dryRun: true } });
    const known = of('AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
      const { DRY_RUN } = Properties.Environment?.Variables ?? {};
      return DRY_RUN === undefined ? [] : [[id.replace(/Function[0-9A-F]{8}$/, ''), DRY_RUN]];
    });
    expect(known.sort()).toEqual(
      [
        'AmiAvailableRollOut',
        'AmiAvailableSetPointer',
        'AmiMoveRequestedStartMove',
        'AmiRollbackRequestedRollBack',
        'BackupJobStateChangeRequestImage',
        'ScheduleFollowNewest',
      ].map((place) => [place, 'true']),
    );
  });
});

describe('the window for reboots', () => {
  it.each(['00:00-23:59', '02:00-04:00', '22:30-01:15'])('may be %s', (rebootWindow) => {
    expect(parseConfig({ backup: { rebootWindow } }).backup).toEqual({ rebootWindow });
  });

  it.each([
    '',
    '2:00-4:00',
    '02:00',
    '02:00-04:00 UTC',
    '02:00–04:00',
    '24:00-02:00',
    '02:60-03:00',
    '02:00-02:00',
    'sun:02:00-sun:04:00',
  ])('of it, a mistake is named: "%s"', (rebootWindow) => {
    expect(wrong({ backup: { rebootWindow } })).toEqual([
      `  backup.rebootWindow must be a window, HH:MM-HH:MM, such as 02:00-04:00, got "${rebootWindow}"`,
    ]);
  });

  it.each<[string, object, string]>([
    ['no text', { rebootWindow: 2 }, 'backup.rebootWindow must be a window, HH:MM-HH:MM, got 2'],
    ['nothing', { rebootWindow: null }, 'backup.rebootWindow must be a window, HH:MM-HH:MM, got null'],
    ['a misspelt key', { window: '02:00-04:00' }, 'backup.window is no key of this configuration'],
  ])('of it, a mistake is named: %s', (_, backup, sentence) => {
    expect(wrong({ backup })).toEqual([`  ${sentence}`]);
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { backupEnvironment } from '../../shared/runtime/backup-environment.ts';

afterEach(() => vi.unstubAllEnvs());

const always = { BUS_NAME: 'amity', TIME_ZONE: 'Asia/Seoul', DRY_RUN: 'false' };
const later = {
  BUS_ARN: 'arn:bus',
  SCHEDULE_GROUP: 'amity-reboots',
  SCHEDULE_ROLE_ARN: 'arn:role',
  UNDELIVERED_ARN: 'arn:queue',
};
const windowed = { ...always, ...later, REBOOT_WINDOW: '22:30-01:00' };
const handedOver = (env: Record<string, string | undefined>) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
};

describe('backupEnvironment', () => {
  it('without a window there is nothing to schedule, and nothing asked of it', () => {
    handedOver(always);
    expect(backupEnvironment()).toEqual({
      busName: 'amity',
      timeZone: 'Asia/Seoul',
      dryRun: false,
      window: undefined,
      later: undefined,
    });
  });

  it('with a window, all that a schedule takes', () => {
    handedOver(windowed);
    expect(backupEnvironment()).toEqual({
      busName: 'amity',
      timeZone: 'Asia/Seoul',
      dryRun: false,
      window: { from: 22 * 60 + 30, to: 60 },
      later: {
        timeZone: 'Asia/Seoul',
        busArn: 'arn:bus',
        groupName: 'amity-reboots',
        roleArn: 'arn:role',
        deadLetterArn: 'arn:queue',
      },
    });
  });

  it.each(Object.keys(always))('without %s there is none', (name) => {
    handedOver({ ...always, [name]: undefined });
    expect(() => backupEnvironment()).toThrow(name);
  });

  it.each(Object.keys(later))('without %s there is none, where there is a window', (name) => {
    handedOver({ ...windowed, [name]: undefined });
    expect(() => backupEnvironment()).toThrow(name);
  });

  it.each(['', 'nightly', '22:30', '02:00-02:00', '2:00-4:00'])(
    'a window of "%s" is none, and reboots nobody by day',
    (text) => {
      handedOver({ ...windowed, REBOOT_WINDOW: text });
      expect(() => backupEnvironment()).toThrow('REBOOT_WINDOW');
    },
  );
});

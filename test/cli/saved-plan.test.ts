import { describe, expect, it } from 'vitest';
import { readPlan } from '../../cli/saved-plan.ts';
import { file } from '../support/command.ts';

const saved = (overrides: object = {}) => ({
  version: 1,
  region: 'us-east-1',
  plannedAt: '2025-06-05T12:00:31.000Z',
  plans: [
    {
      region: 'us-east-1',
      entries: [
        { action: 'delete', imageId: 'ami-1' },
        { action: 'delete-snapshot', imageId: 'ami-2', snapshotId: 'snap-2' },
      ],
    },
  ],
  ...overrides,
});

describe('readPlan', () => {
  it('gives what it takes to apply it', async () => {
    expect(await readPlan(file('plan.json', saved({ later: true })))).toEqual(saved());
  });

  it.each<[string, object, string]>([
    ['another version', { version: 2 }, '/version'],
    ['no region', { region: undefined }, '/region is missing; it must be a string'],
    ['no plans', { plans: undefined }, '/plans is missing'],
    [
      'an action that there is not',
      { plans: [{ region: 'r', entries: [{ action: 'burn', imageId: 'ami-1' }] }] },
      '/plans/0/entries/0/action',
    ],
    [
      'an entry without its image',
      { plans: [{ region: 'r', entries: [{ action: 'delete' }] }] },
      '/plans/0/entries/0/imageId is missing',
    ],
  ])('%s: no saved plan, and why', async (_, overrides, problem) => {
    const path = file('plan.json', saved(overrides));
    await expect(readPlan(path)).rejects.toThrow(`${path} is no saved plan: ${problem}`);
  });

  it.each([
    ['no file', file.bind(null, 'none.json'), 'ENOENT'],
    ['no JSON', () => file('plan.json', 'ACTION  IMAGE'), 'JSON'],
    ['a list', () => file('plan.json', []), 'the whole must be an object'],
  ])('%s', async (_, path, message) => {
    await expect(readPlan(path())).rejects.toThrow(message);
  });
});

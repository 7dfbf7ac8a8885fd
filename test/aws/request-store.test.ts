import { beforeEach, describe, expect, it } from 'vitest';
import { requestOf, requestOfImage, saveRequest } from '../../shared/aws/request-store.ts';
import type { RequestRecord } from '../../shared/domain/request.ts';
import { bakeRecord, spec } from '../support/bake-record.ts';
import { NOW } from '../support/events.ts';
import { FakeTable } from '../support/fake-table.ts';
import { record } from '../support/request-record.ts';

const requests = { tableName: 'requests', recordDays: 120 };
const imageId = 'ami-00000000000000001';
beforeEach(() => {
  new FakeTable();
});
const save = (each: RequestRecord) => saveRequest(requests, each, NOW);

const whole = spec({
  subnetIds: ['subnet-0000000a', 'subnet-0000000b'],
  securityGroupIds: ['sg-0000000a'],
  volumeSizeGib: 20,
  encrypted: true,
  kmsKeyId: 'key',
  validate: '#!/bin/sh\ntrue\n',
  baseImageId: 'ami-0ba5e000000000000',
});

describe('a record', () => {
  it.each<[string, RequestRecord]>([
    ['of an image of an instance', record({ version: 0 })],
    ['of a bake with all that it may say', bakeRecord({ version: 0, bake: whole })],
    ['of a bake with as little as it may say', bakeRecord({ version: 0 })],
    [
      'of a bake that failed, with stage and output',
      bakeRecord({
        version: 0,
        state: 'failed',
        failure: { code: 'script-failed', message: 'exit 3', stage: 'provision', output: 'no such package' },
      }),
    ],
  ])('%s is found as it was saved', async (_, saved) => {
    expect(await save(saved)).toEqual({ ...saved, version: 1 });
    expect(await requestOf('requests', saved.key)).toEqual({ ...saved, version: 1 });
  });

  it('of a bake is found by its image, whole', async () => {
    const saved = bakeRecord({ version: 0, state: 'created', imageId, bake: whole });
    await save(saved);
    expect(await requestOfImage('requests', imageId)).toEqual({ ...saved, version: 1 });
  });

  it('that somebody else wrote since is not overwritten', async () => {
    const known = bakeRecord({ version: 0 });
    const first = await save(known);
    expect(await save(known)).toBeUndefined();
    expect(await save({ ...known, version: 1, attempt: 2 })).toMatchObject({ version: 2 });
    expect(await save({ ...known, ...first, state: 'failed' })).toBeUndefined();
    expect(await requestOf('requests', known.key)).toMatchObject({ state: 'creating', attempt: 2 });
  });

  it('that was overtaken leads no image to it', async () => {
    await save(bakeRecord({ version: 0 }));
    expect(await save(bakeRecord({ version: 0, imageId }))).toBeUndefined();
    expect(await requestOfImage('requests', imageId)).toBeUndefined();
  });

  it('that nobody made is none', async () => {
    expect(await requestOf('requests', 'request#nobody')).toBeUndefined();
  });
});

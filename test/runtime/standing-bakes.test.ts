import { readFileSync } from 'node:fs';
import { beforeEach, expect, it, vi } from 'vitest';
import { standingBakes } from '../../shared/runtime/standing-bakes.ts';

vi.mock('node:fs');
const read = vi.mocked(readFileSync);
beforeEach(() => {
  read.mockReset();
});

const request = {
  instanceName: 'service-web',
  baseImage: 'resolve:ssm:/golden/web',
  userData: '#!/bin/sh\n',
};
const holds = (...bakes: object[]) => read.mockReturnValue(JSON.stringify(bakes));

it('are read from beside the function', () => {
  holds({ request, onlyWhenBaseImageChanged: true });
  expect(standingBakes()).toEqual([{ request, onlyWhenBaseImageChanged: true }]);
  expect(String(read.mock.calls[0]?.[0])).toMatch(/^file:.*\/bakes\.json$/);
});

it('may be none', () => {
  holds();
  expect(standingBakes()).toEqual([]);
});

it.each<[string, object]>([
  ['no request', { onlyWhenBaseImageChanged: true }],
  [
    'a request that is none',
    { request: { ...request, baseImage: 'debian' }, onlyWhenBaseImageChanged: true },
  ],
  ['no word about its base image', { request }],
])('%s: the function says so at its start', (_, broken) => {
  holds(broken);
  expect(() => standingBakes()).toThrow();
});

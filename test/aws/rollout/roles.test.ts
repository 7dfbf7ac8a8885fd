import { GetInstanceProfileCommand, IAMClient, NoSuchEntityException } from '@aws-sdk/client-iam';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { roleRefused } from '../../../shared/aws/rollout/roles.ts';

const iam = mockClient(IAMClient);
beforeEach(() => {
  iam.reset();
});
const has = (...paths: string[]) => {
  const Roles = paths.map((path) => ({
    Path: '/',
    RoleId: path,
    CreateDate: new Date(0),
    RoleName: path.split('/').at(-1),
    Arn: `arn:aws:iam::000000000000:role/${path}`,
  }));
  const profile = {
    Path: '/',
    InstanceProfileName: 'web',
    InstanceProfileId: '1',
    Arn: 'arn',
    CreateDate: new Date(0),
  };
  iam.on(GetInstanceProfileCommand).resolves({ InstanceProfile: { ...profile, Roles } });
};
const listed = ['web', 'arn:aws:iam::000000000000:role/app/api'];

it('no profile, no role, nobody asked', async () => {
  expect(await roleRefused(undefined, listed)).toBeUndefined();
  expect(iam.calls()).toHaveLength(0);
});

it.each([[[]], [['web']], [['any/path/web']], [['app/api']], [['web', 'app/api']]])(
  '%o may be passed',
  async (paths) => {
    has(...paths);
    expect(await roleRefused('web', listed)).toBeUndefined();
  },
);

it.each([[['admin']], [['other/api']], [['web', 'admin']], [['WEB']]])('%o may not', async (paths) => {
  has(...paths);
  expect(await roleRefused('web', listed)).toMatchObject({
    code: 'pass-role',
    message: expect.stringContaining('which rollout.instanceRoles does not list'),
  });
});

it('where nothing is listed, nothing may be passed', async () => {
  has('web');
  expect(await roleRefused('web', [])).toMatchObject({ code: 'pass-role' });
});

it('a profile that does not exist is refused; one that cannot be read is an error', async () => {
  iam.on(GetInstanceProfileCommand).rejects(new NoSuchEntityException({ message: 'no', $metadata: {} }));
  expect(await roleRefused('web', listed)).toMatchObject({
    message: 'The instance profile web does not exist.',
  });
  iam.on(GetInstanceProfileCommand).rejects(Object.assign(new Error('slow down'), { name: 'Throttling' }));
  await expect(roleRefused('web', listed)).rejects.toThrow('slow down');
});

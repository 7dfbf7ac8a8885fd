import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateImageCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImageReferencesCommand,
  DescribeInstancesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateEventBusCommand, EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createImage, errorOf, imageName, untilState, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const run = promisify(execFile);
let ec2: EC2Client;
let events: EventBridgeClient;
const ours = { 'amity:instance-name': 'service-api' };
const Tags = Object.entries(ours).map(([Key, Value]) => ({ Key, Value }));
const TagSpecifications = [
  { ResourceType: 'image' as const, Tags },
  { ResourceType: 'snapshot' as const, Tags },
];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amity-iam-'));
  const cdk = join(import.meta.dirname, '../../node_modules/aws-cdk/bin/cdk');
  const app = `${process.execPath} ${join(import.meta.dirname, 'iam-app.ts')}`;
  const options = { env: suite.aws.childEnv, cwd: folder };
  await suite.aws.control.enforceIam(true);
  await run(process.execPath, [cdk, 'bootstrap', 'aws://000000000000/us-east-1'], options);
  await run(process.execPath, [cdk, 'deploy', '--app', app, '--require-approval', 'never'], options);
  await new EventBridgeClient(suite.aws.clientConfig).send(new CreateEventBusCommand({ Name: 'amity' }));
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  await suite.aws.control.enforceIam(true);
  const credentials = await suite.aws.control.startSession('arn:aws:iam::000000000000:role/images');
  ec2 = new EC2Client({ ...suite.aws.clientConfig, credentials, maxAttempts: 1 });
  events = new EventBridgeClient({ ...suite.aws.clientConfig, credentials, maxAttempts: 1 });
});

describe('a role', () => {
  it('images an instance with the tags that its policy asks for, and not without', async () => {
    const { instanceId: InstanceId } = await suite.aws.control.startInstance();
    const create = (more: object) =>
      ec2.send(new CreateImageCommand({ InstanceId, Name: imageName(), ...more }));
    await create({ TagSpecifications });
    const untagged = TagSpecifications.slice(0, 1);
    expect((await errorOf(create({ TagSpecifications: untagged }))).name).toBe('UnauthorizedOperation');
    expect((await errorOf(create({}))).name).toBe('UnauthorizedOperation');
    const denied = await suite.aws.control.calls({ action: 'CreateImage' });
    expect(denied.map((each) => each.errorCode)).toEqual([null, 'AccessDenied', 'AccessDenied']);
  });

  it('tags only in the call that creates', async () => {
    const id = await createImage(suite, { TagSpecifications });
    const tag = new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] });
    expect((await errorOf(ec2.send(tag))).name).toBe('UnauthorizedOperation');
  });

  it('deregisters and deletes only what carries the tag', async () => {
    const { control } = suite.aws;
    const mine = await control.addImage({ name: 'mine', tags: ours });
    const other = await control.addImage({ name: 'other', tags: { Name: 'x' } });
    const half = await control.addImage({ name: 'half', tags: ours, snapshotTags: { Name: 'x' } });
    const deregister = (ImageId: string) =>
      ec2.send(new DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots: true }));
    const code = async (id: string) =>
      (await deregister(id)).DeleteSnapshotResults?.map((each) => each.ReturnCode);
    expect(await code(mine.imageId)).toEqual(['success']);
    expect((await errorOf(deregister(other.imageId))).name).toBe('UnauthorizedOperation');
    expect(await code(half.imageId)).toEqual(['missing-permissions']);
    const SnapshotId = half.snapshotIds[0];
    expect((await errorOf(ec2.send(new DeleteSnapshotCommand({ SnapshotId })))).name).toBe(
      'UnauthorizedOperation',
    );
  });

  it("reads references through EC2, which reads in the role's own name", async () => {
    const id = await createImage(suite, { TagSpecifications });
    await untilState(suite, id, 'available');
    const read = (...types: ('ec2:Instance' | 'ssm:Parameter' | 'ec2:LaunchTemplate')[]) => {
      const ResourceTypes = types.map((ResourceType) => ({ ResourceType }));
      return ec2.send(new DescribeImageReferencesCommand({ ImageIds: [id], ResourceTypes }));
    };
    expect((await read('ec2:Instance', 'ssm:Parameter')).ImageReferences).toEqual([]);
    expect((await errorOf(read('ec2:LaunchTemplate'))).name).toBe('UnauthorizedOperation');
    expect((await errorOf(ec2.send(new DescribeInstancesCommand({})))).name).toBe('UnauthorizedOperation');
  });

  it.each([
    ['its own', { DetailType: 'AmiCreated', Source: 'amity' }, undefined],
    ["another function's", { DetailType: 'AmiAvailable', Source: 'amity' }, 'AccessDeniedException'],
    ['a foreign source', { DetailType: 'AmiCreated', Source: 'other' }, 'AccessDeniedException'],
  ])('puts only its own events: %s', async (_, entry, code) => {
    const Entries = [{ EventBusName: 'amity', Detail: '{}', ...entry }];
    const put = events.send(new PutEventsCommand({ Entries }));
    if (code) expect((await errorOf(put)).name).toBe(code);
    else expect((await put).FailedEntryCount).toBe(0);
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishRequest } from '../../../local/story.ts';
import { untilAws } from '../support/bakes.ts';
import { announced, daysAgo, settle, until } from '../support/flow.ts';
import { EXAMPLE_NAME, session, subnets } from '../support/move-session.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/auto-scaling-group');
const CDK = join(import.meta.dirname, '../../../node_modules/aws-cdk/bin/cdk');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amity-example-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As its first lines say. */
async function deploy(): Promise<{ GroupName: string; LaunchTemplateId: string }> {
  const ec2 = new EC2Client(session.aws.clientConfig);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnets.home] }));
  const { SecurityGroups = [] } = await ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: 'vpc-id', Values: [Subnets[0]?.VpcId ?? ''] },
        { Name: 'group-name', Values: ['default'] },
      ],
    }),
  );
  const outputs = join(folder, 'outputs.json');
  await promisify(execFile)(
    process.execPath,
    [
      ...[CDK, 'deploy', '--output', join(folder, 'cdk.out'), '--outputs-file', outputs],
      ...['--require-approval', 'never', '--no-notices'],
      ...['--parameters', `Subnets=${subnets.home},${subnets.other}`],
      ...['--parameters', `SecurityGroups=${SecurityGroups[0]?.GroupId}`],
    ],
    { cwd: EXAMPLE, env: session.aws.childEnv },
  );
  return JSON.parse(await readFile(outputs, 'utf8')).ServiceApi;
}

/** What the group is set to, and what its instances run. */
async function groupOf(name: string) {
  const { clientConfig } = session.aws;
  const { AutoScalingGroups = [] } = await new AutoScalingClient(clientConfig).send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  const [group] = AutoScalingGroups;
  const ids = (group?.Instances ?? []).map(({ InstanceId = '' }) => InstanceId).sort();
  const { Reservations = [] } = await new EC2Client(clientConfig).send(
    new DescribeInstancesCommand({ InstanceIds: ids }),
  );
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return {
    ids,
    version: group?.LaunchTemplate?.Version,
    images: instances.map(({ ImageId }) => ImageId),
  };
}

/** An image of the name, when the pointer has it. */
async function image(count: number): Promise<string> {
  await publishRequest(session, { instanceName: EXAMPLE_NAME });
  const { imageId } = await until(
    `image ${count}`,
    () => announced(session, 'AmiAvailable', EXAMPLE_NAME)[count - 1],
  );
  const pointer = new GetParameterCommand({ Name: `/amity/images/${EXAMPLE_NAME}/latest` });
  await untilAws('the pointer', async () => {
    const found = await new SSMClient(session.aws.clientConfig).send(pointer).catch(() => undefined);
    return found?.Parameter?.Value === imageId;
  });
  return imageId;
}

describe('examples/auto-scaling-group', () => {
  it('is created from an image, follows the next one, and is not taken back by a deployment', async () => {
    const { control, clientConfig } = session.aws;
    await control.groups.setRefreshSeconds(1);
    await control.groups.setPauseSeconds(0.5);
    await control.startInstance({ name: EXAMPLE_NAME, launchTime: daysAgo(3) });
    const first = await image(1);
    const { GroupName, LaunchTemplateId } = await deploy();
    const before = await groupOf(GroupName);
    expect(before).toMatchObject({ images: [first, first], version: '$Default' });

    const second = await image(2);
    const rolledOut = await until('it is rolled out', () =>
      announced(session, 'AmiRolledOut', EXAMPLE_NAME).find(({ imageId }) => imageId === second),
    );
    expect(rolledOut).toMatchObject({
      launchTemplateId: LaunchTemplateId,
      version: 2,
      previousVersion: 1,
      previousImageId: first,
    });
    const succeeded = await until(
      'the group is refreshed',
      () => announced(session, 'AmiRolloutSucceeded', EXAMPLE_NAME)[0],
    );
    expect(succeeded).toMatchObject({ autoScalingGroupName: GroupName, imageId: second });
    expect(announced(session, 'AmiRolloutFailed', EXAMPLE_NAME)).toEqual([]);
    const after = await groupOf(GroupName);
    expect(after).toMatchObject({ images: [second, second], version: '2' });
    expect(after.ids.filter((id) => before.ids.includes(id))).toEqual([]);

    // It reads the pointer again, and so makes a version of its own.
    await deploy();
    await settle(1);
    expect(await groupOf(GroupName)).toEqual(after);
    const { LaunchTemplates = [] } = await new EC2Client(clientConfig).send(
      new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [LaunchTemplateId] }),
    );
    expect(LaunchTemplates).toMatchObject([{ DefaultVersionNumber: 2, LatestVersionNumber: 3 }]);
  });
});

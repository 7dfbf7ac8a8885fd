import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { observe } from '../../local/observer.ts';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const latest = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default';
let ssm: SSMClient;
beforeAll(() => {
  ssm = new SSMClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
});

const get = async (Name: string) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter;
const put = (Name: string, Value: string, more: object = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));

async function imagesOf(...Owners: string[]) {
  return (await suite.ec2.send(new DescribeImagesCommand({ Owners }))).Images ?? [];
}

describe('public images', () => {
  it("are Amazon's of two architectures and one of another owner", async () => {
    const amazons = await imagesOf('amazon');
    expect(amazons.map((each) => each.Architecture).sort()).toEqual(['arm64', 'x86_64']);
    const [ubuntu] = await imagesOf('099720109477');
    expect(ubuntu).toMatchObject({ Architecture: 'x86_64', RootDeviceName: '/dev/sda1', Public: true });
    expect(ubuntu?.ImageOwnerAlias).toBeUndefined();
  });

  it('are named by public parameters, which change only when AWS publishes', async () => {
    for (const architecture of ['x86_64', 'arm64']) {
      const parameter = await get(`${latest}-${architecture}`);
      const found = (await imagesOf('amazon')).find((each) => each.ImageId === parameter?.Value);
      expect(found?.Architecture).toBe(architecture);
      expect(parameter?.ARN).toBe(`arn:aws:ssm:us-east-1::parameter${latest}-${architecture}`);
    }
    expect((await errorOf(put(`${latest}-x86_64`, 'ami-1'))).name).toBe('AccessDeniedException');
    await suite.aws.control.builders.setPublicParameter(`${latest}-x86_64`, 'ami-2');
    expect(await get(`${latest}-x86_64`)).toMatchObject({ Value: 'ami-2', Version: 2 });
    const several = new GetParametersCommand({ Names: [`${latest}-x86_64`, '/aws/service/none'] });
    expect(await ssm.send(several)).toMatchObject({
      Parameters: [{ Value: 'ami-2' }],
      InvalidParameters: ['/aws/service/none'],
    });
    await suite.aws.control.reset();
    expect((await get(`${latest}-x86_64`))?.Version).toBe(1);
  });

  it('fit instance types of their architecture', async () => {
    const InstanceTypes = ['t3.micro' as const, 't4g.micro' as const];
    const found = await suite.ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes }));
    const types = found.InstanceTypes?.map((each) => [
      each.InstanceType,
      ...(each.ProcessorInfo?.SupportedArchitectures ?? []),
    ]);
    expect(types?.sort()).toEqual([
      ['t3.micro', 'x86_64'],
      ['t4g.micro', 'arm64'],
    ]);
    const ImageId = (await get(`${latest}-arm64`))?.Value;
    await suite.ec2.send(
      new RunInstancesCommand({ ImageId, InstanceType: 't4g.micro', MinCount: 1, MaxCount: 1 }),
    );
    const none = new DescribeInstanceTypesCommand({ InstanceTypes: ['x1.none' as 't3.micro'] });
    expect((await errorOf(suite.ec2.send(none))).name).toBe('InvalidInstanceType');
  });
});

describe('a parameter', () => {
  it('that changes is an event', async () => {
    const observer = await observe(suite.aws.clientConfig, [
      { bus: 'default', pattern: { source: ['aws.ssm'] } },
    ]);
    await put('/golden', 'ami-1', { Description: 'What to bake from' });
    expect((await errorOf(put('/golden', 'ami-2'))).name).toBe('ParameterAlreadyExists');
    await put('/golden', 'ami-2', { Overwrite: true });
    await ssm.send(new DeleteParameterCommand({ Name: '/golden' }));
    const common = { name: '/golden', type: 'String', description: 'What to bake from' };
    await vi.waitFor(() => expect(observer.events).toHaveLength(3), { timeout: 20_000 });
    expect(observer.events.map(({ detail }) => detail)).toEqual(
      ['Create', 'Update', 'Delete'].map((operation) => ({ operation, ...common })),
    );
    await observer.stop();
    expect(observer.events[0]).toMatchObject({ 'detail-type': 'Parameter Store Change' });
  });
});

describe('a security group', () => {
  const describeBy = async (Name: string, ...Values: string[]) => {
    const command = new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values }] });
    return (await suite.ec2.send(command)).SecurityGroups?.map((each) => each.GroupId);
  };
  const remove = (GroupId: string) => suite.ec2.send(new DeleteSecurityGroupCommand({ GroupId }));

  it('is found by its tags, and stays while an instance uses it', async () => {
    const Tags = [{ Key: 'amity:builder', Value: 'a' }];
    const TagSpecifications = [{ ResourceType: 'security-group' as const, Tags }];
    const input = { GroupName: 'builder', Description: 'a builder', TagSpecifications };
    const { GroupId = '' } = await suite.ec2.send(new CreateSecurityGroupCommand(input));
    const again = suite.ec2.send(new CreateSecurityGroupCommand(input));
    expect((await errorOf(again)).name).toBe('InvalidGroup.Duplicate');
    expect(await describeBy('tag:amity:builder', 'a')).toEqual([GroupId]);
    expect(await describeBy('tag-key', 'amity:*')).toEqual([GroupId]);
    expect(await describeBy('group-name', 'none')).toEqual([]);
    const ImageId = (await get(`${latest}-x86_64`))?.Value;
    const run = { ImageId, MinCount: 1, MaxCount: 1, SecurityGroupIds: [GroupId] };
    const { Instances } = await suite.ec2.send(new RunInstancesCommand({ ...run, InstanceType: 't3.micro' }));
    const InstanceIds = [String(Instances?.[0]?.InstanceId)];
    expect((await errorOf(remove(GroupId))).name).toBe('DependencyViolation');
    await suite.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    expect((await errorOf(remove(GroupId))).name).toBe('DependencyViolation');
    await vi.waitFor(() => remove(GroupId), { timeout: 20_000, interval: 100 });
    expect((await errorOf(remove(GroupId))).name).toBe('InvalidGroup.NotFound');
    const [standard = ''] = (await describeBy('group-name', 'default')) ?? [];
    expect((await errorOf(remove(standard))).name).toBe('CannotDelete');
  });
});

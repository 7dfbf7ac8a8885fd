import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  type CreateLaunchTemplateVersionCommandInput,
  CreateTagsCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  type DescribeLaunchTemplatesCommandInput,
  DescribeLaunchTemplateVersionsCommand,
  type DescribeLaunchTemplateVersionsCommandInput,
  ModifyLaunchTemplateCommand,
  paginateDescribeLaunchTemplates,
  paginateDescribeLaunchTemplateVersions,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const one = 'ami-00000000000000001';
const two = 'ami-00000000000000002';

async function create(LaunchTemplateName: string, more: object = {}): Promise<string> {
  const input = {
    LaunchTemplateName,
    LaunchTemplateData: { ImageId: one, InstanceType: 't3.micro' as const },
  };
  const { LaunchTemplate } = await suite.ec2.send(new CreateLaunchTemplateCommand({ ...input, ...more }));
  return String(LaunchTemplate?.LaunchTemplateId);
}

async function addVersion(
  LaunchTemplateId: string,
  more: Partial<CreateLaunchTemplateVersionCommandInput> = {},
) {
  const LaunchTemplateData = { ImageId: two };
  const command = new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, LaunchTemplateData, ...more });
  return (await suite.ec2.send(command)).LaunchTemplateVersion;
}

async function versions(input: DescribeLaunchTemplateVersionsCommandInput): Promise<string[]> {
  const { LaunchTemplateVersions = [] } = await suite.ec2.send(
    new DescribeLaunchTemplateVersionsCommand(input),
  );
  return LaunchTemplateVersions.map((each) => `${each.LaunchTemplateName} ${each.VersionNumber}`);
}

async function names(input: DescribeLaunchTemplatesCommandInput): Promise<unknown[]> {
  const { LaunchTemplates = [] } = await suite.ec2.send(new DescribeLaunchTemplatesCommand(input));
  return LaunchTemplates.map((each) => each.LaunchTemplateName);
}

describe('a launch template', () => {
  it('is made once for a client token and a name, with tags of its own and a described version', async () => {
    const TagSpecifications = [
      { ResourceType: 'launch-template' as const, Tags: [{ Key: 'team', Value: 'a' }] },
    ];
    const input = { ClientToken: 't', VersionDescription: 'first', TagSpecifications };
    const id = await create('web', input);
    expect(await create('web', input)).toBe(id);
    expect((await errorOf(create('web'))).name).toBe('InvalidLaunchTemplateName.AlreadyExistsException');
    expect((await errorOf(create('api', input))).name).toBe('IdempotentParameterMismatch');
    expect((await errorOf(create('a b'))).name).toBe('InvalidLaunchTemplateName.MalformedException');
    const shown = await suite.ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] }));
    expect(shown.LaunchTemplates).toEqual([
      expect.objectContaining({
        LaunchTemplateName: 'web',
        DefaultVersionNumber: 1,
        LatestVersionNumber: 1,
        Tags: [{ Key: 'team', Value: 'a' }],
      }),
    ]);
    const described = await suite.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id }),
    );
    expect(described.LaunchTemplateVersions).toEqual([
      expect.objectContaining({
        VersionDescription: 'first',
        DefaultVersion: true,
        LaunchTemplateData: { ImageId: one, InstanceType: 't3.micro' },
      }),
    ]);
  });

  it('is found by its tags and names, page by page', async () => {
    const ids = await Promise.all(['web', 'api', 'job'].map((name) => create(name)));
    const tag = { Key: 'amity:follow', Value: 'service-api' };
    await suite.ec2.send(new CreateTagsCommand({ Resources: ids.slice(0, 2), Tags: [tag] }));
    expect(await names({ Filters: [{ Name: 'tag-key', Values: ['amity:follow'] }] })).toEqual(['web', 'api']);
    expect(await names({ Filters: [{ Name: 'tag:amity:follow', Values: ['service-*'] }] })).toHaveLength(2);
    expect(await names({ LaunchTemplateNames: ['job'] })).toEqual(['job']);
    const sizes: number[] = [];
    for await (const page of paginateDescribeLaunchTemplates({ client: suite.ec2, pageSize: 2 }, {}))
      sizes.push(page.LaunchTemplates?.length ?? 0);
    expect(sizes).toEqual([2, 1]);
    expect((await errorOf(names({ MaxResults: 201 }))).name).toBe('InvalidParameterValue');
    expect((await errorOf(names({ LaunchTemplateIds: ['lt-0123456789abcdef0'] }))).name).toBe(
      'InvalidLaunchTemplateId.NotFound',
    );
  });

  it('gets versions, once for a client token, which take over what their source has', async () => {
    const id = await create('web');
    expect(
      await addVersion(id, { ClientToken: 't', VersionDescription: 'b', SourceVersion: '1' }),
    ).toMatchObject({
      VersionNumber: 2,
      VersionDescription: 'b',
      DefaultVersion: false,
      LaunchTemplateData: { ImageId: two, InstanceType: 't3.micro' },
    });
    const again = { ClientToken: 't', VersionDescription: 'b', SourceVersion: '1' };
    expect((await addVersion(id, again))?.VersionNumber).toBe(2);
    expect(await addVersion(id, { SourceVersion: '$Default' })).toMatchObject({ VersionNumber: 3 });
    const bare = await addVersion(id);
    expect(bare?.LaunchTemplateData).toEqual({ ImageId: two });
    expect((await errorOf(addVersion(id, { SourceVersion: '9' }))).name).toBe(
      'InvalidLaunchTemplateId.VersionNotFound',
    );
  });
});

describe('versions', () => {
  it('show the security groups of their network interfaces', async () => {
    const NetworkInterfaces = [{ DeviceIndex: 0, Groups: ['sg-00000000000000001', 'sg-00000000000000002'] }];
    const id = await create('attached', { LaunchTemplateData: { ImageId: one, NetworkInterfaces } });
    const { LaunchTemplateVersions: [shown] = [] } = await suite.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id }),
    );
    expect(shown?.LaunchTemplateData?.NetworkInterfaces).toEqual(NetworkInterfaces);
  });

  it('of one template are found by number, $Latest, $Default and range, the newest first', async () => {
    const id = await create('web');
    for (let i = 0; i < 4; i += 1) await addVersion(id);
    await suite.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: '2' }));
    const of = (more: object) => versions({ LaunchTemplateId: id, ...more });
    expect(await of({})).toEqual(['web 5', 'web 4', 'web 3', 'web 2', 'web 1']);
    expect(await of({ Versions: ['1', '$Latest', '$Default'] })).toEqual(['web 5', 'web 2', 'web 1']);
    expect(await of({ Versions: ['$Default', '2'] })).toEqual(['web 2']);
    expect(await of({ MinVersion: '2', MaxVersion: '4' })).toEqual(['web 4', 'web 3']);
    const Filters = [{ Name: 'image-id', Values: [one] }];
    expect(await of({ Filters })).toEqual(['web 1']);
    expect((await errorOf(of({ Versions: ['6'] }))).name).toBe('InvalidLaunchTemplateId.VersionNotFound');
    const none = new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: '6' });
    expect((await errorOf(suite.ec2.send(none))).name).toBe('InvalidLaunchTemplateId.VersionNotFound');
  });

  it('of all templates are $Latest and $Default, page by page', async () => {
    const ids = await Promise.all(['a01', 'a02', 'a03'].map((name) => create(name)));
    await addVersion(String(ids[1]));
    expect(await versions({ Versions: ['$Latest'] })).toEqual(['a01 1', 'a02 2', 'a03 1']);
    expect(await versions({ Versions: ['$Default'] })).toEqual(['a01 1', 'a02 1', 'a03 1']);
    const sizes: number[] = [];
    const input = { Versions: ['$Latest', '$Default'] };
    for await (const page of paginateDescribeLaunchTemplateVersions(
      { client: suite.ec2, pageSize: 3 },
      input,
    ))
      sizes.push(page.LaunchTemplateVersions?.length ?? 0);
    expect(sizes).toEqual([3, 1]);
    expect((await errorOf(versions({ Versions: ['1'] }))).name).toBe('InvalidParameterCombination');
    expect((await errorOf(versions({}))).name).toBe('InvalidParameterValue');
    const tooLarge = versions({ ...input, MaxResults: 201 });
    expect((await errorOf(tooLarge)).name).toBe('InvalidParameterValue');
  });

  it('keep their numbers when another is deleted; the default cannot be', async () => {
    const id = await create('web');
    for (let i = 0; i < 2; i += 1) await addVersion(id);
    const input = { LaunchTemplateId: id, Versions: ['1', '2', '9'] };
    const answer = await suite.ec2.send(new DeleteLaunchTemplateVersionsCommand(input));
    const numbersOf = (all: { VersionNumber?: number | undefined }[] = []) =>
      all.map((each) => each.VersionNumber);
    expect(numbersOf(answer.SuccessfullyDeletedLaunchTemplateVersions)).toEqual([2]);
    expect(numbersOf(answer.UnsuccessfullyDeletedLaunchTemplateVersions)).toEqual([1, 9]);
    expect(await versions({ LaunchTemplateId: id })).toEqual(['web 3', 'web 1']);
    expect((await addVersion(id))?.VersionNumber).toBe(4);
  });

  it('can have a parameter for their image, and start instances by number', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'golden' });
    const put = new PutParameterCommand({ Name: '/golden', Value: imageId, Type: 'String' });
    await new SSMClient(suite.aws.clientConfig).send(put);
    const id = await create('web', { LaunchTemplateData: { ImageId: 'resolve:ssm:/golden' } });
    const describe = async (ResolveAlias: boolean) => {
      const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, ResolveAlias });
      return (await suite.ec2.send(command)).LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId;
    };
    expect(await describe(false)).toBe('resolve:ssm:/golden');
    expect(await describe(true)).toBe(imageId);
    await addVersion(id, { LaunchTemplateData: { ImageId: imageId, InstanceType: 't3.micro' } });
    const LaunchTemplate = { LaunchTemplateId: id, Version: '2' };
    const run = await suite.ec2.send(
      new RunInstancesCommand({ LaunchTemplate, MinCount: 1, MaxCount: 1, InstanceType: 't3.micro' }),
    );
    expect(run.Instances?.[0]?.ImageId).toBe(imageId);
  });
});

import {
  CreateLaunchTemplateCommand,
  DescribeLaunchTemplateVersionsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeParametersCommand,
  GetParameterCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ImageState } from '../../local/control.ts';
import { type Observer, observe } from '../../local/observer.ts';
import { allow, deploy, errorOf, role, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const pattern = { source: ['aws.ssm'], 'detail-type': ['Parameter Store Change'] };
const none = 'ami-0123456789abcdef0';
let ssm: SSMClient;
let observer: Observer;
let names = 0;
let Name: string;

beforeAll(async () => {
  ssm = new SSMClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
  observer = await observe(suite.aws.clientConfig, [{ bus: 'default', pattern }]);
});
afterAll(() => observer?.stop());
beforeEach(() => {
  names += 1;
  Name = `/amity/images/service-${names}/latest`;
});

type Wanted = Partial<PutParameterCommandInput>;
const DataType = 'aws:ec2:image';
const put = (Value: string, more: Wanted = {}, by = ssm) =>
  by.send(new PutParameterCommand({ Name, Value, Type: 'String', DataType, ...more }));
const addImage = async (state: ImageState = 'available') =>
  (await suite.aws.control.addImage({ name: `image-${names}-${state}-${Math.random()}`, state })).imageId;
const read = async () => (await ssm.send(new GetParameterCommand({ Name }))).Parameter;
const until = (Value: string) =>
  vi.waitFor(async () => expect((await read())?.Value).toBe(Value), { timeout: 5000, interval: 50 });
const announced = () =>
  observer.events
    .map(({ detail }) => detail as { name: string; operation: string })
    .filter(({ name }) => name === Name);
const untilAnnounced = (count: number) =>
  vi.waitFor(() => expect(announced()).toHaveLength(count), { timeout: 5000, interval: 50 });

describe('a parameter of the data type aws:ec2:image', () => {
  it('is there when its image was found, and not before', async () => {
    const image = await addImage();
    expect(await put(image)).toMatchObject({ Version: 1 });
    expect((await errorOf(read())).name).toBe('ParameterNotFound');
    await until(image);
    const next = await addImage();
    expect(await put(next, { Overwrite: true })).toMatchObject({ Version: 2 });
    expect(await read()).toMatchObject({ Value: image, Version: 1 });
    await until(next);
    expect(await read()).toMatchObject({ Version: 2, DataType });
    await untilAnnounced(2);
    expect(announced().map(({ operation }) => operation)).toEqual(['Create', 'Update']);
    const ParameterFilters = [{ Key: 'Name', Values: [Name] }];
    const { Parameters } = await ssm.send(new DescribeParametersCommand({ ParameterFilters }));
    expect(Parameters).toMatchObject([{ Name, DataType, Version: 2 }]);
  });

  it.each([
    ['is not there', () => none],
    ['is no id', () => 'ami-0000000000000'],
    ['is pending', () => addImage('pending')],
    ['has failed', () => addImage('failed')],
  ])('does not take an image that %s, and says so', async (_, value) => {
    const bad = await value();
    await put(bad);
    await untilAnnounced(1);
    const failed = {
      exception: 'Unable to Describe Resource',
      dataType: DataType,
      name: Name,
      type: 'String',
    };
    expect(announced()).toEqual([{ ...failed, operation: 'Create' }]);
    expect((await errorOf(read())).name).toBe('ParameterNotFound');
    const good = await addImage();
    await put(good);
    await until(good);
    await put(bad, { Overwrite: true });
    await untilAnnounced(3);
    expect(announced()[2]).toEqual({ ...failed, operation: 'Update' });
    expect(await read()).toMatchObject({ Value: good, Version: 1 });
  });

  it('takes no other write while it is looked at, for as long as a test says', async () => {
    await suite.aws.control.services.setImageParameterSeconds(1);
    const image = await addImage();
    await put(image);
    expect((await errorOf(put(image))).name).toBe('TooManyUpdates');
    const before = Date.now();
    await until(image);
    expect(Date.now() - before).toBeGreaterThan(700);
    expect((await errorOf(put(image))).name).toBe('ParameterAlreadyExists');
  });

  it('keeps its data type', async () => {
    const image = await addImage();
    await put(image);
    await until(image);
    const text = put(image, { Overwrite: true, DataType: 'text' });
    expect((await errorOf(text)).name).toBe('ValidationException');
    const next = await addImage();
    await put(next, { Overwrite: true, DataType: undefined });
    await until(next);
    expect(await read()).toMatchObject({ DataType });
  });

  it('is written by who may see images, and by others in vain', async () => {
    const writes = allow(['ssm:PutParameter'], 'arn:aws:ssm:us-east-1:000000000000:parameter/amity/images/*');
    await deploy(suite, 'Writers', {
      Blind: role('blind', ['lambda.amazonaws.com'], writes),
      Seeing: role('seeing', ['lambda.amazonaws.com'], writes, allow(['ec2:DescribeImages'], '*')),
    });
    await suite.aws.control.enforceIam(true);
    const image = await addImage();
    for (const name of ['blind', 'seeing']) {
      const credentials = await suite.aws.control.startSession(`arn:aws:iam::000000000000:role/${name}`);
      const by = new SSMClient({ ...suite.aws.clientConfig, credentials, maxAttempts: 1 });
      await put(image, {}, by);
      await untilAnnounced(name === 'blind' ? 1 : 2);
      expect((await errorOf(put(image, { Name: '/golden' }, by))).name).toBe('AccessDeniedException');
    }
    expect(announced()).toMatchObject([
      { exception: 'Unable to Describe Resource' },
      { operation: 'Create' },
    ]);
    await until(image);
  });

  it('is what a launch template can have in place of its image', async () => {
    const image = await addImage();
    await put(image);
    await until(image);
    const LaunchTemplateData = { ImageId: `resolve:ssm:${Name}`, InstanceType: 't3.micro' as const };
    const create = new CreateLaunchTemplateCommand({ LaunchTemplateName: 'by-pointer', LaunchTemplateData });
    const LaunchTemplateId = (await suite.ec2.send(create)).LaunchTemplate?.LaunchTemplateId ?? '';
    const describe = async (ResolveAlias: boolean) => {
      const input = { LaunchTemplateId, Versions: ['$Default'], ResolveAlias };
      const found = await suite.ec2.send(new DescribeLaunchTemplateVersionsCommand(input));
      return found.LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId;
    };
    expect([await describe(false), await describe(true)]).toEqual([LaunchTemplateData.ImageId, image]);
    const one = { MinCount: 1, MaxCount: 1 };
    const byTemplate = new RunInstancesCommand({ ...one, LaunchTemplate: { LaunchTemplateId } });
    expect((await suite.ec2.send(byTemplate)).Instances).toMatchObject([{ ImageId: image }]);
    const direct = new RunInstancesCommand({ ...one, ...LaunchTemplateData });
    expect((await suite.ec2.send(direct)).Instances).toMatchObject([{ ImageId: image }]);
  });
});

describe('the name of a parameter', () => {
  const plain = { Type: 'String' as const, DataType: 'text' };
  it.each([
    ['service-api:1', 'ValidationException'],
    ['/amity/images/service api/latest', 'ValidationException'],
    ['/amity//latest', 'ValidationException'],
    ['/amity/', 'ValidationException'],
    ['amity/images', 'ValidationException'],
    ['/aws/amity', 'AccessDeniedException'],
    ['/ssm/amity', 'ValidationException'],
    ['awsome', 'ValidationException'],
    [`/${Array(16).fill('level').join('/')}`, 'HierarchyLevelLimitExceededException'],
    [`/amity/${'x'.repeat(970)}`, 'ValidationException'],
  ])('%s is refused', async (name, code) => {
    expect((await errorOf(put('a', { ...plain, Name: name }))).name).toBe(code);
  });

  it.each(['/amity/images/service.api_1-x/latest', `/${Array(15).fill('level').join('/')}`, 'golden'])(
    '%s is taken',
    async (name) => {
      expect((await put('a', { ...plain, Name: name })).Version).toBe(1);
    },
  );
});

import { isDeepStrictEqual } from 'node:util';
import {
  AutoScalingClient,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  type InstanceRefresh,
  paginateDescribeAutoScalingGroups,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  paginateDescribeLaunchTemplateVersions,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { expect } from 'vitest';
import type { Image, ImageWanted } from '../../../local/control-types.ts';
import { OUR_SOURCE } from '../../../shared/events/event.ts';
import { untilAws } from './bakes.ts';
import { announced, ours, settle, until } from './flow.ts';
import { type Put, put } from './put.ts';
import type { Session } from './session.ts';

/** What an image was made for: its name, by which a test knows it. */
const requestOf = (image: Pick<Image, 'name'>) => `for-${image.name.replaceAll(' ', '-')}`;

/** An image of ours that is so old, of which nobody was told. */
export function addImage(
  { aws }: Session,
  instanceName: string,
  ageDays: number,
  more: Partial<ImageWanted> = {},
): Promise<Image> {
  const name = `${instanceName}-${ageDays}`;
  const tags = ours(instanceName, { 'amity:request-id': requestOf({ name }) });
  return aws.control.addImage({ name, ageDays, tags, ...more });
}

/** That an image of ours is available, as the waiter puts it. */
export const availability = ({ aws }: Session, instanceName: string, image: Image): Put => ({
  detailType: 'AmiAvailable',
  source: OUR_SOURCE,
  detail: {
    requestId: requestOf(image),
    attempt: 1,
    instanceName,
    imageId: image.imageId,
    imageName: image.name,
    region: aws.region,
    instanceId: 'i-0123456789abcdef0',
    reason: 'Deploy',
    noReboot: true,
    createdAt: image.createdAt,
    snapshotIds: image.snapshotIds,
  },
});

/** An image of ours that is so old, announced now. */
export async function release(session: Session, instanceName: string, ageDays: number): Promise<Image> {
  const image = await addImage(session, instanceName, ageDays);
  await put(session, availability(session, instanceName, image));
  return image;
}

export interface TemplateWanted {
  /** Default: the instance name. */
  readonly name?: string;
  readonly tags?: Record<string, string>;
  readonly data?: RequestLaunchTemplateData;
}

/** A launch template that follows a name, with an image that is older than all that a test makes of that name. */
export async function follow(
  { aws }: Session,
  instanceName: string,
  { name = instanceName, tags = {}, data = {} }: TemplateWanted = {},
): Promise<{ id: string; base: string }> {
  const base = data.ImageId ?? (await aws.control.addImage({ name: `base-of-${name}`, ageDays: 60 })).imageId;
  const Tags = Object.entries({ 'amity:follow': instanceName, ...tags });
  const { LaunchTemplate } = await new EC2Client(aws.clientConfig).send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: { InstanceType: 't3.micro', ...data, ImageId: base },
      TagSpecifications: [
        { ResourceType: 'launch-template', Tags: Tags.map(([Key, Value]) => ({ Key, Value })) },
      ],
    }),
  );
  return { id: LaunchTemplate?.LaunchTemplateId ?? '', base };
}

/** What EC2 has of a launch template, the newest version first. */
export async function versionsOf({ aws }: Session, LaunchTemplateId: string) {
  const { LaunchTemplateVersions = [] } = await new EC2Client(aws.clientConfig).send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId }),
  );
  return LaunchTemplateVersions.map((each) => ({
    version: each.VersionNumber ?? 0,
    isDefault: each.DefaultVersion ?? false,
    imageId: each.LaunchTemplateData?.ImageId ?? '',
    description: each.VersionDescription ?? '',
    data: each.LaunchTemplateData ?? {},
  })).sort((a, b) => b.version - a.version);
}

/** The images of a launch template's versions, the first version first, and which of them is the default. */
export async function standOf(session: Session, templateId: string) {
  const versions = (await versionsOf(session, templateId)).reverse();
  return {
    images: versions.map(({ imageId }) => imageId),
    default: versions.find(({ isDefault }) => isDefault)?.version,
  };
}

/** The parameter of a name, if it is there. */
export async function pointerOf({ aws }: Session, name: string) {
  const { Parameter } = await new SSMClient(aws.clientConfig)
    .send(new GetParameterCommand({ Name: `/amity/images/${name}/latest` }))
    .catch((error: Error) => {
      if (error.name === 'ParameterNotFound') return { Parameter: undefined };
      throw error;
    });
  return Parameter;
}

export const untilPointed = (session: Session, name: string, imageId: string) =>
  untilAws(`the pointer of ${name}`, async () => (await pointerOf(session, name))?.Value === imageId);

/** Puts these events, each of which makes Amity look who follows a name, and lets it do all that it then would. */
export async function putAndSettle(session: Session, name: string, ...events: Put[]): Promise<void> {
  const { control } = session.aws;
  const since = Date.now();
  await put(session, ...events);
  await untilAws(`${events.length} looks at ${name}`, async () => {
    const calls = await control.calls({ service: 'ec2', action: 'DescribeLaunchTemplates', since });
    return calls.filter(({ params }) => params['Filter.1.Value.1'] === name).length >= events.length;
  });
  await settle(2);
}

type Told = 'AmiRolledOut' | 'AmiRolledBack' | 'AmiRolloutSucceeded' | 'AmiRolloutFailed';

/** Waits until so many events of a kind were put about a name; gives them all. */
export const untilTold = <Name extends Told>(session: Session, name: Name, instanceName: string, count = 1) =>
  until(`${count} ${name} of ${instanceName}`, () => {
    const told = announced(session, name, instanceName);
    return told.length >= count ? told : undefined;
  });

/** Waits for the rollout of an image to the templates that follow a name: so many. */
export async function untilRolledOut(session: Session, instanceName: string, { imageId }: Image, count = 1) {
  const told = () =>
    announced(session, 'AmiRolledOut', instanceName).filter((each) => each.imageId === imageId);
  await until(`${imageId} of ${instanceName} rolled out`, () => told().length >= count);
  expect(told()).toHaveLength(count);
  return told();
}

export const autoScaling = ({ aws }: Session) => new AutoScalingClient(aws.clientConfig);

/** A group that wants to be refreshed, of so many instances. */
export async function addGroup(
  session: Session,
  AutoScalingGroupName: string,
  launches: Partial<CreateAutoScalingGroupCommandInput>,
  { tags = {}, size = 1 }: { tags?: Record<string, string>; size?: number } = {},
): Promise<void> {
  const Tags = Object.entries({ 'amity:refresh': 'true', ...tags }).map(([Key, Value]) => ({
    Key,
    Value,
    PropagateAtLaunch: false,
    ResourceId: AutoScalingGroupName,
    ResourceType: 'auto-scaling-group',
  }));
  await autoScaling(session).send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      MinSize: size,
      MaxSize: 4 * size,
      AvailabilityZones: [`${session.aws.region}a`],
      Tags,
      ...launches,
    }),
  );
}

export async function groupOf(session: Session, name: string): Promise<AutoScalingGroup> {
  const { AutoScalingGroups = [] } = await autoScaling(session).send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  if (!AutoScalingGroups[0]) throw new Error(`There is no group ${name}`);
  return AutoScalingGroups[0];
}

/** What the instances of a group run: the numbers of versions. */
export const runningOf = async (session: Session, name: string) =>
  ((await groupOf(session, name)).Instances ?? []).map(({ LaunchTemplate }) => LaunchTemplate?.Version);

/** The refreshes of a group, the newest first. */
export async function refreshesOf(session: Session, name: string): Promise<InstanceRefresh[]> {
  const { InstanceRefreshes = [] } = await autoScaling(session).send(
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: name }),
  );
  return InstanceRefreshes;
}

/** Waits until the newest refresh of a group stands so. */
export const untilRefresh = (session: Session, name: string, look: (refresh: InstanceRefresh) => boolean) =>
  untilAws(`the refresh of ${name}`, async () => {
    const [newest] = await refreshesOf(session, name);
    return newest && look(newest) ? newest : undefined;
  });

/** Calls the function of the daily schedule, as that does. */
export async function followNewest({ aws, outputs }: Session): Promise<void> {
  const client = new LambdaClient({ ...aws.clientConfig, maxAttempts: 1 });
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: outputs.FollowNewestFunctionName, Payload: '{}' }),
  );
  if (FunctionError) throw new Error(Payload?.transformToString());
}

/** Asks for a rollback as another system does. */
export const rollBack = (session: Session, detail: object): Promise<void> =>
  put(session, { detailType: 'AmiRollbackRequested', detail });

/** Pages of a call that has them. */
async function allOf<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => Item[] | undefined,
): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}

/**
 * All that a rollout can change, and how often each kind of event was put: templates, groups, their refreshes and
 * instances, pointers, images with their tags.
 */
export async function everything(session: Session) {
  const ec2 = new EC2Client(session.aws.clientConfig);
  const ssm = new SSMClient(session.aws.clientConfig);
  const versions = paginateDescribeLaunchTemplateVersions(
    { client: ec2 },
    { Versions: ['$Default', '$Latest'] },
  );
  const groups = await allOf(
    paginateDescribeAutoScalingGroups({ client: autoScaling(session) }, {}),
    ({ AutoScalingGroups }) => AutoScalingGroups,
  );
  const refreshes = groups.map(({ AutoScalingGroupName = '' }) => refreshesOf(session, AutoScalingGroupName));
  const events = session.observer.events.filter(
    (event) => event.source === OUR_SOURCE && !event['replay-name'],
  );
  return {
    versions: await allOf(versions, ({ LaunchTemplateVersions }) => LaunchTemplateVersions),
    groups,
    refreshes: (await Promise.all(refreshes))
      .flat()
      .map(({ InstanceRefreshId, Status }) => [InstanceRefreshId, Status]),
    pointers: await allOf(
      paginateGetParametersByPath({ client: ssm }, { Path: '/amity/images', Recursive: true }),
      ({ Parameters }) => Parameters,
    ),
    images: await session.aws.control.images(),
    events: Object.fromEntries(
      [...Map.groupBy(events, (event) => event['detail-type'])].map(([kind, of]) => [kind, of.length]),
    ),
  };
}

/** The same, once nothing changes any more. */
export async function untilStill(session: Session) {
  let last = await everything(session);
  await until('nothing changes any more', async () => {
    await settle(3);
    const now = await everything(session);
    const isStill = isDeepStrictEqual(now, last);
    last = now;
    return isStill;
  });
  return last;
}

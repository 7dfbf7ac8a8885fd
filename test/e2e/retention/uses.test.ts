import {
  CopyImageCommand,
  DescribeImageUsageReportsCommand,
  EC2Client,
  ListImagesInRecycleBinCommand,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../../local/control-faults.ts';
import type { ImageWanted, InstanceState } from '../../../local/control-types.ts';
import { describeVersion } from '../../../shared/domain/retention/template-uses.ts';
import type { AmiCleaned } from '../../../shared/events/ami-cleaned.ts';
import { tellsWhatItWouldDo } from '../rollout/dry-run.suite.ts';
import { callCleanUp, cleanUp, fates } from '../support/clean-up.ts';
import { ours, until } from '../support/flow.ts';
import { addGroups } from '../support/groups.ts';
import { type Session, startSession } from '../support/session.ts';
import { addTemplate, type TemplateSettings } from '../support/templates.ts';

const THERE = 'eu-central-1';
const PARTNER = '111122223333';
let session: Session;
let ec2: EC2Client;
let there: EC2Client;

/** What becomes of an image of 40 days, of a name that has two newer ones. */
interface Case {
  readonly fate: RegExp;
  readonly image?: Partial<ImageWanted>;
  readonly use?: (imageId: string) => Promise<unknown>;
}

const DELETED = /^deleted$/;
const SHARED = { launchPermissions: [{ UserId: PARTNER }] };

const instance = (state: InstanceState, fate = /^in use: instance\/i-/): Case => ({
  fate,
  use: (imageId) => session.aws.control.startInstance({ imageId, state }),
});
const report = (ageDays: number) => (imageId: string) =>
  session.aws.control.retention.addUsageReport({ imageId, ageDays });
const copyInto = (client: () => EC2Client) => (SourceImageId: string) =>
  client().send(
    new CopyImageCommand({ SourceImageId, SourceRegion: 'us-east-1', Name: `copy-of-${SourceImageId}` }),
  );

const CASES: Record<string, Case> = {
  unused: { fate: DELETED },
  'of a pending instance': instance('pending'),
  'of a running instance': instance('running'),
  'of an instance that shuts down': instance('shutting-down'),
  'of a stopping instance': instance('stopping'),
  'of a stopped instance': instance('stopped'),
  'of a terminated instance': instance('terminated', DELETED),
  // A template of six versions, where the newest four count. Its default is the second.
  'of a version that is not among the newest': { fate: DELETED },
  'of $Default, older than the newest': { fate: /^in use: launch-template\/lt-\w+:2/ },
  'of the oldest of the newest versions': { fate: /^in use: launch-template\/lt-\w+$/ },
  'of $Latest': { fate: /^in use: launch-template\/lt-\w+:6/ },
  // A template that follows a name: its newest version is the default, and would go back to the one before.
  'of a newest version that Amity made': { fate: DELETED },
  'of a newest version that a person made': { fate: /^in use: launch-template\/lt-\w+$/ },
  'that a rollback would set again': { fate: /^in use: rollback of launch-template\/lt-\w+:5/ },
  'that a rollout has set': { fate: /^in use: launch-template\/lt-\w+:5/ },
  'of a group by the number of a version': { fate: /^in use: autoScalingGroup\/numbered$/ },
  'of a group by an override': { fate: /^in use: autoScalingGroup\/mixed$/ },
  'of a launch configuration': { fate: /^in use: autoScalingGroup\/old \(launch configuration\)$/ },
  'of a parameter': {
    fate: /^in use: parameter\/golden\/retention$/,
    use: (Value) =>
      new SSMClient(session.aws.clientConfig).send(
        new PutParameterCommand({ Name: '/golden/retention', Type: 'String', Value, Overwrite: true }),
      ),
  },
  'of a recipe': {
    fate: /^in use: image-recipe\/web/,
    use: (imageId) => session.aws.control.retention.addRecipe({ imageId, name: 'web' }),
  },
  'shared, without a report': {
    fate: /^in use: shared with 111122223333, no recent usage report$/,
    image: SHARED,
  },
  'shared, with a report of four days': {
    fate: /^in use: shared with all, no recent usage report$/,
    image: { launchPermissions: [{ Group: 'all' }] },
    use: report(4),
  },
  'shared, and used': {
    fate: /^in use: account 111122223333 \(3 ec2:Instance\)$/,
    image: SHARED,
    use: async (imageId) => {
      await session.aws.control.retention.setUsage({ imageId, accountId: PARTNER, count: 3 });
      await report(1)(imageId);
    },
  },
  'shared, and not used': { fate: DELETED, image: SHARED, use: report(1) },
  'of a copy under way': { fate: /^in use: copy ami-\w+ in us-east-1$/, use: copyInto(() => ec2) },
  'of a copy under way into another region': {
    fate: /^in use: copy ami-\w+ in eu-central-1$/,
    use: copyInto(() => there),
  },
  'newest but one': { fate: /^newest$/, image: { ageDays: 20 } },
  newest: { fate: /^newest$/, image: { ageDays: 16 } },
  'tagged amity:keep': { fate: /^tag amity:keep$/, image: { tags: ours('used', { 'amity:keep': '' }) } },
  'tagged amity:keep=false': { fate: DELETED, image: { tags: ours('used', { 'amity:keep': 'false' }) } },
  protected: { fate: /^deregistration protection$/, image: { deregistrationProtection: 'enabled' } },
  'AwsBackup_i-1': { fate: /^owned by AWS Backup$/ },
  'tagged by AWS Backup': {
    fate: /^owned by AWS Backup$/,
    image: { tags: ours('used', { 'aws:backup:source-resource': 'i-1' }) },
  },
  pending: { fate: /^state pending$/, image: { state: 'pending' } },
};

const ids = new Map<string, string>();
const idOf = (name: string) => ids.get(name) ?? '';
let first: AmiCleaned;
let thereIds: string[];

beforeAll(async () => {
  session = await startSession({
    regions: [THERE],
    config: {
      retention: { launchTemplateVersions: 4, stopAboveShare: 1, regions: [THERE] },
      // For another suite: here nobody rolls anything out.
      rollout: { dryRun: true },
    },
  });
  ec2 = new EC2Client(session.aws.clientConfig);
  there = new EC2Client({ ...session.aws.clientConfig, region: THERE });
  const { control } = session.aws;
  await control.setPending(null);
  for (const [name, { image, use }] of Object.entries(CASES)) {
    const wanted = { name, ageDays: 40, tags: ours('used'), ...image };
    const { imageId } = await control.addImage(wanted);
    ids.set(name, imageId);
    await use?.(imageId);
  }
  await templates();
  thereIds = await Promise.all(
    [40, 39, 20, 16].map(async (ageDays) => {
      const wanted = { name: `there-${ageDays}`, ageDays, tags: ours('used'), region: THERE };
      return (await control.addImage(wanted)).imageId;
    }),
  );
  await control.startInstance({ imageId: String(thereIds[1]), region: THERE });
  first = await cleanUp(session);
});
afterAll(() => session?.stop());

/** A template of these images; one that is not among ours is another's. */
const template = (
  name: string,
  versions: readonly (readonly [image: string, description?: string])[],
  settings: TemplateSettings,
) =>
  addTemplate(
    ec2,
    name,
    versions.map(([image, description]) => [ids.get(image) ?? 'ami-00000000000000001', description]),
    settings,
  );

async function templates(): Promise<void> {
  const other = ['another'] as const;
  const byAmity = (image: string, version: number) =>
    [image, describeVersion(idOf(image), 'r', version - 1)] as const;
  const defaultsToFifth = { defaultVersion: 5 };
  await template(
    'web',
    [
      ['of a version that is not among the newest'],
      ['of $Default, older than the newest'],
      ['of the oldest of the newest versions'],
      other,
      other,
      ['of $Latest'],
    ],
    { defaultVersion: 2 },
  );
  await template(
    'following',
    [
      other,
      byAmity('of a newest version that Amity made', 2),
      ['of a newest version that a person made', 'by hand'],
      byAmity('that a rollback would set again', 4),
      byAmity('that a rollout has set', 5),
    ],
    { ...defaultsToFifth, follows: 'used' },
  );
  await template(
    'numbered',
    [['of a group by the number of a version'], other, other, other, other],
    defaultsToFifth,
  );
  await template('arm', [['of a group by an override'], other, other, other, other], defaultsToFifth);
  await addGroups(session, idOf('of a launch configuration'));
}

describe('an image of 40 days', () => {
  it.each(Object.entries(CASES))('%s', (name, { fate }) => {
    expect(fates(first).get(idOf(name))).toMatch(fate);
  });

  it('is there exactly if the report says that it was kept', async () => {
    const left = new Set((await session.aws.control.images()).map(({ imageId }) => imageId));
    const gone = [...ids].filter(([, id]) => !left.has(id)).map(([name]) => name);
    const told = Object.entries(CASES).flatMap(([name, { fate }]) => (fate === DELETED ? [name] : []));
    expect(gone.sort()).toEqual(told.sort());
    expect(first.failed).toEqual([]);
  });

  it('in another region goes, or is kept, by what is there', async () => {
    const [gone = '', used = ''] = thereIds;
    const region = THERE;
    expect(first.deleted).toContainEqual(expect.objectContaining({ imageId: gone, region }));
    expect(first.kept).toContainEqual(
      expect.objectContaining({ imageId: used, region, reason: expect.stringMatching(/^in use: instance/) }),
    );
    const { Images = [] } = await there.send(new ListImagesInRecycleBinCommand({}));
    expect(Images.map(({ ImageId }) => ImageId)).toEqual([gone]);
  });

  it('that is shared goes once the report that was ordered shows no use', async () => {
    const ordered = ['shared, without a report', 'shared, with a report of four days'].map(idOf);
    await until('the ordered reports', async () => {
      const { ImageUsageReports = [] } = await ec2.send(
        new DescribeImageUsageReportsCommand({ ImageIds: ordered }),
      );
      return ImageUsageReports.filter(({ State }) => State === 'available').length === 3;
    });
    const { deleted } = await cleanUp(session);
    expect(deleted.map(({ imageId }) => imageId).sort()).toEqual(ordered.sort());
  });
});

describe('nothing is deleted, and the report says why, when', () => {
  const denied = (action: string, service?: string): Fault => ({
    action,
    kind: 'error',
    code: 'UnauthorizedOperation',
    status: 403,
    ...(service && { service }),
  });
  let doomed: string;
  beforeAll(async () => {
    const wanted = { name: 'doomed', ageDays: 90, tags: ours('used'), ...SHARED };
    doomed = (await session.aws.control.addImage(wanted)).imageId;
    await report(1)(doomed);
  });

  it.each<[Fault, string]>([
    [denied('DescribeInstances'), 'instances: UnauthorizedOperation'],
    [denied('DescribeLaunchTemplates'), 'launch templates and Auto Scaling groups: UnauthorizedOperation'],
    [denied('DescribeLaunchTemplateVersions'), 'launch templates and Auto Scaling groups: Unauthorized'],
    [denied('DescribeAutoScalingGroups', 'autoscaling'), 'launch templates and Auto Scaling groups: Unauth'],
    [denied('DescribeLaunchConfigurations', 'autoscaling'), 'launch templates and Auto Scaling groups: Un'],
    [denied('DescribeImageReferences'), 'image references: UnauthorizedOperation'],
    [denied('DescribeImageAttribute'), 'image references: UnauthorizedOperation'],
    [denied('DescribeImageUsageReports'), 'image references: UnauthorizedOperation'],
    [denied('DescribeImageUsageReportEntries'), 'image references: UnauthorizedOperation'],
    // In part is not at all: the first page was read, and the other region.
    [{ ...denied('DescribeInstances'), after: 2 }, 'instances: UnauthorizedOperation'],
  ])('%o', async (fault, told) => {
    await session.aws.control.setPageSize('after' in fault ? 2 : null);
    const { id } = await session.aws.control.addFault(fault);
    const { deleted, failed, kept } = await cleanUp(session);
    await session.aws.control.removeFaults(id);
    await session.aws.control.setPageSize(null);
    expect(deleted).toEqual([]);
    expect(failed).toContainEqual(
      expect.objectContaining({ code: 'references-unreadable', message: expect.stringContaining(told) }),
    );
    const { reason } = kept.find(({ imageId }) => imageId === doomed) ?? {};
    expect(reason).toMatch(/^references unreadable: /);
  });

  it('one region cannot be read; the other is cleaned all the same, and the run fails', async () => {
    const wanted = { name: 'doomed-there', ageDays: 90, tags: ours('used'), region: THERE };
    const { imageId } = await session.aws.control.addImage(wanted);
    const match = { 'ImageId.1': imageId };
    await session.aws.control.addFault({ ...denied('DescribeImageReferences'), match });
    const { failed, body } = await callCleanUp(session);
    await session.aws.control.removeFaults();
    expect(failed).toBeDefined();
    expect(body).toContain('references-unreadable');
    const left = async (region?: string) =>
      (await session.aws.control.images(region ? { region } : {})).map((image) => image.imageId);
    expect(await left()).not.toContain(doomed);
    expect(await left(THERE)).toContain(imageId);
  });
});

tellsWhatItWouldDo(() => session);

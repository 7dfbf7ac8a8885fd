import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeLaunchConfigurationsCommand,
} from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type AwsCommand, mockClient } from 'aws-sdk-client-mock';
import { tagsOf } from '../../shared/aws/ec2.ts';
import { Calls } from './calls.ts';
import { FakeBus } from './fake-bus.ts';
import type { image } from './fake-ec2.ts';
import { FakeQueue } from './fake-queue.ts';
import { FakeRegion } from './fake-region.ts';
import { FakeTable } from './fake-table.ts';
import { FakeUsers } from './fake-users.ts';

const HOME = 'us-east-1';

/** An image of ours that is named after its age in days. */
export const old = (age: number) => `ami-${String(age).padStart(8, '0')}`;

class Region extends FakeRegion {
  readonly uses = new FakeUsers(this);
}

/** Everything that clean-up touches, in memory, behind one gate through which every call passes. */
export class CleanUpWorld {
  readonly calls = new Calls();
  readonly bus = new FakeBus(this.calls);
  readonly queue = new FakeQueue(this.calls);
  readonly table = new FakeTable(this.calls);
  readonly home = new Region();
  readonly mock = mockClient(ec2.EC2Client);
  /** The parameter /amity/deletion. */
  deletion: string | undefined = 'on';
  readonly #regions = new Map([[HOME, this.home]]);

  constructor() {
    this.#serveImages();
    this.#serveUses();
    this.#serveBuilders();
    mockClient(SSMClient)
      .on(GetParameterCommand)
      .callsFake(({ Name }) =>
        this.calls.through('GetParameter', () => ({ Parameter: { Name, Value: this.deletion } })),
      );
  }

  region(name: string): Region {
    const region = this.#regions.get(name) ?? new Region();
    this.#regions.set(name, region);
    return region;
  }

  /** Images of ours, made so many days before now, that are named after their age. */
  has(...ages: number[]): void {
    for (const age of ages) this.add(age);
  }

  add(age: number, facts: Parameters<typeof image>[0] = {}, instanceName = 'service-api', region = HOME) {
    const createdAt = new Date(Date.now() - age * 86_400_000 - 1000).toISOString();
    const tags = { 'amity:instance-name': instanceName, ...facts.tags };
    return this.region(region).add({ id: old(age), createdAt, ...facts, tags });
  }

  /** One that is none of ours. */
  addForeign(age: number, facts: Parameters<typeof image>[0]) {
    const createdAt = new Date(Date.now() - age * 86_400_000 - 1000).toISOString();
    return this.home.add({ id: old(age), createdAt, ...facts });
  }

  tagsOf = (id: string) => tagsOf(this.home.image(id).Tags);

  /** What is written down, by the id of the image or snapshot. */
  journal(runId = ''): Record<string, unknown>[] {
    return this.table.found('retired', runId);
  }

  /** The inputs of one kind of call, in order. */
  inputs<Input extends ec2.ServiceInputTypes, Output extends ec2.ServiceOutputTypes>(
    command: new (input: Input) => AwsCommand<Input, Output>,
  ): Input[] {
    return this.mock
      .calls()
      .flatMap(({ args: [sent] }) => (sent instanceof command ? [sent.input as Input] : []));
  }

  /** A call by its name, with its region before it where that is not the stack's. */
  #on<Input extends ec2.ServiceInputTypes, Output extends ec2.ServiceOutputTypes>(
    command: new (input: Input) => AwsCommand<Input, Output>,
    act: (region: Region, input: Input) => object,
  ): void {
    this.mock.on(command).callsFake(async (input: Input, getClient) => {
      const region = await getClient().config.region();
      return this.calls.through(nameOf(command, region), () => act(this.region(region), input));
    });
  }

  #serveImages(): void {
    this.#on(ec2.DescribeImagesCommand, (region, input) => region.describeImages(input));
    this.#on(ec2.DescribeSnapshotsCommand, (region, input) => region.describeSnapshots(input));
    this.#on(ec2.CreateTagsCommand, (region, input) => region.createTags(input));
    this.#on(ec2.DeleteTagsCommand, (region, input) => region.deleteTags(input));
    this.#on(ec2.EnableImageDeprecationCommand, (region, input) => region.deprecate(input));
    this.#on(ec2.DisableImageDeprecationCommand, (region, input) => region.undeprecate(input));
    this.#on(ec2.DisableImageCommand, (region, input) => region.disable(input));
    this.#on(ec2.EnableImageCommand, (region, input) => region.enable(input));
    this.#on(ec2.ModifyImageAttributeCommand, (region, input) => region.share(input));
    this.#on(ec2.DeregisterImageCommand, (region, input) => region.deregister(input));
    this.#on(ec2.DeleteSnapshotCommand, (region, input) => region.deleteSnapshot(input));
    this.#on(ec2.ListImagesInRecycleBinCommand, (region, input) => region.listBin(input));
    this.#on(ec2.RestoreImageFromRecycleBinCommand, (region, input) => region.restoreImage(input));
    this.#on(ec2.RestoreSnapshotFromRecycleBinCommand, (region, input) => region.restoreSnapshot(input));
  }

  /** What the sweep looks for. */
  #serveBuilders(): void {
    this.#on(ec2.GetConsoleOutputCommand, () => ({}));
    this.#on(ec2.TerminateInstancesCommand, ({ uses }, { InstanceIds = [] }) => {
      uses.terminate(InstanceIds);
      return {};
    });
    this.#on(ec2.DescribeSecurityGroupsCommand, ({ uses }) => ({ SecurityGroups: uses.securityGroups }));
    this.#on(ec2.DeleteSecurityGroupCommand, ({ uses }, { GroupId }) => {
      uses.securityGroups = uses.securityGroups.filter((each) => each.GroupId !== GroupId);
      return {};
    });
  }

  #serveUses(): void {
    this.#on(ec2.DescribeInstancesCommand, ({ uses }, input) => uses.describeInstances(input));
    this.#on(ec2.DescribeLaunchTemplatesCommand, ({ uses }, input) => uses.describeTemplates(input));
    this.#on(ec2.DescribeLaunchTemplateVersionsCommand, ({ uses }, input) => uses.describeVersions(input));
    this.#on(ec2.DescribeImageReferencesCommand, ({ uses }, input) => uses.describeReferences(input));
    this.#on(ec2.DescribeImageAttributeCommand, ({ uses }, input) => uses.describePermissions(input));
    this.#on(ec2.DescribeImageUsageReportsCommand, ({ uses }, input) => uses.describeReports(input));
    this.#on(ec2.DescribeImageUsageReportEntriesCommand, ({ uses }, input) => uses.describeEntries(input));
    this.#on(ec2.CreateImageUsageReportCommand, ({ uses }, input) => uses.orderReport(input));
    const groups = mockClient(AutoScalingClient);
    groups.on(DescribeAutoScalingGroupsCommand).callsFake(async (input, getClient) => {
      const region = await getClient().config.region();
      return this.calls.through(nameOf(DescribeAutoScalingGroupsCommand, region), () =>
        this.region(region).uses.describeGroups(input),
      );
    });
    groups.on(DescribeLaunchConfigurationsCommand).callsFake(async (input, getClient) => {
      const region = await getClient().config.region();
      return this.calls.through(nameOf(DescribeLaunchConfigurationsCommand, region), () =>
        this.region(region).uses.describeConfigurations(input),
      );
    });
  }
}

const nameOf = ({ name }: { readonly name: string }, region: string) =>
  `${region === HOME ? '' : `${region}/`}${name.replace(/Command$/, '')}`;

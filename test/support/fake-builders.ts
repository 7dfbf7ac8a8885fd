import * as ec2 from '@aws-sdk/client-ec2';
import type { AwsCommand } from 'aws-sdk-client-mock';
import { tagsOf } from '../../shared/aws/ec2.ts';
import { ec2Error } from './aws-errors.ts';
import type { Calls } from './calls.ts';
import { type FakeEc2, tagMatches } from './fake-ec2.ts';

const DEFAULT_VPC = 'vpc-0de0a017';

export interface BuilderFacts {
  readonly id?: string;
  readonly bake?: string;
  readonly state?: ec2.InstanceStateName;
  readonly deadline?: string;
  readonly launchedAt?: string;
}

/** EC2 in memory, as far as builders go: what starts them, ends them, and what is made for them, by EC2's own rules. */
export class FakeBuilders {
  groups: ec2.SecurityGroup[] = [];
  /** The VPC of each subnet. */
  readonly subnets = new Map([
    ['subnet-0000000a', 'vpc-0000000a'],
    ['subnet-0000000b', 'vpc-0000000a'],
    ['subnet-0000000c', 'vpc-0000000c'],
  ]);
  /** What RunInstances says in a subnet (`default` without one). */
  readonly refusals = new Map<string, Error>();
  /** What each console has shown. */
  readonly consoles = new Map<string, string>();
  /** How many looks EC2 takes to terminate an instance, or to stop it. */
  slowness = 0;
  pageSize = 1000;
  readonly #ec2: FakeEc2;
  readonly #tokens = new Map<string, { input: string; id: string }>();
  readonly #pending = new Map<string, { looks: number; state: ec2.InstanceStateName }>();

  constructor(calls: Calls, fakeEc2: FakeEc2) {
    this.#ec2 = fakeEc2;
    const on = <Input extends ec2.ServiceInputTypes, Output extends ec2.ServiceOutputTypes>(
      command: new (input: Input) => AwsCommand<Input, Output>,
      act: (input: Input) => object,
    ) =>
      fakeEc2.mock
        .on(command)
        .callsFake((input: Input) => calls.through(command.name.replace(/Command$/, ''), () => act(input)));
    on(ec2.RunInstancesCommand, (input) => this.#run(input));
    on(ec2.DescribeInstancesCommand, (input) => this.#describe(input));
    on(ec2.StopInstancesCommand, ({ InstanceIds = [] }) => this.#change(InstanceIds, 'stopping', 'stopped'));
    on(ec2.TerminateInstancesCommand, ({ InstanceIds = [] }) =>
      this.#change(InstanceIds, 'shutting-down', 'terminated'),
    );
    on(ec2.GetConsoleOutputCommand, ({ InstanceId = '' }) => {
      this.#instance(InstanceId);
      const shown = this.consoles.get(InstanceId);
      return { InstanceId, ...(shown && { Output: Buffer.from(shown).toString('base64') }) };
    });
    on(ec2.DescribeSubnetsCommand, ({ SubnetIds: [SubnetId = ''] = [] }) => ({
      Subnets: [{ SubnetId, VpcId: this.#vpcOf(SubnetId) }],
    }));
    on(ec2.DescribeSecurityGroupsCommand, (input) => this.#describeGroups(input));
    on(ec2.CreateSecurityGroupCommand, (input) => this.#createGroup(input));
    on(ec2.DeleteSecurityGroupCommand, ({ GroupId = '' }) => this.#deleteGroup(GroupId));
  }

  get instances(): ec2.Instance[] {
    return this.#ec2.instances;
  }

  /** The builders that still run or stand, by their ids. */
  get alive(): string[] {
    return this.instances.flatMap(({ InstanceId = '', State }) =>
      State?.Name === 'terminated' || State?.Name === 'shutting-down' ? [] : [InstanceId],
    );
  }

  /** An instance with the tags of a builder. */
  add(facts: BuilderFacts = {}): ec2.Instance {
    const { id = 'i-0b111de7000000001', bake = 'bake-1', state = 'running', deadline, launchedAt } = facts;
    const tags = { 'amity:builder': bake, ...(deadline && { 'amity:deadline': deadline }) };
    const added: ec2.Instance = {
      InstanceId: id,
      State: { Name: state },
      LaunchTime: new Date(launchedAt ?? Date.now()),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    };
    this.instances.push(added);
    return added;
  }

  #instance(id: string): ec2.Instance {
    const found = this.instances.find(({ InstanceId }) => InstanceId === id);
    if (!found) throw ec2Error('InvalidInstanceID.NotFound');
    return found;
  }

  #vpcOf(subnetId: string | undefined): string {
    const vpc = subnetId === undefined ? DEFAULT_VPC : this.subnets.get(subnetId);
    if (!vpc) throw ec2Error('InvalidSubnetID.NotFound');
    return vpc;
  }

  /** The same token and the same input: the instance that there is. */
  #run(input: ec2.RunInstancesCommandInput) {
    const { ClientToken = '', SubnetId, SecurityGroupIds = [], TagSpecifications = [] } = input;
    const known = this.#tokens.get(ClientToken);
    if (known && known.input !== JSON.stringify(input)) throw ec2Error('IdempotentParameterMismatch');
    if (known) return { Instances: [this.#instance(known.id)] };
    const refusal = this.refusals.get(SubnetId ?? 'default');
    if (refusal) throw refusal;
    const made: ec2.Instance = {
      InstanceId: `i-0b111de7${String(this.#tokens.size + 1).padStart(9, '0')}`,
      State: { Name: 'pending' },
      LaunchTime: new Date(),
      ClientToken,
      Tags: structuredClone(TagSpecifications.find((each) => each.ResourceType === 'instance')?.Tags ?? []),
      SecurityGroups: SecurityGroupIds.map((GroupId) => ({ GroupId })),
    };
    this.#tokens.set(ClientToken, { input: JSON.stringify(input), id: made.InstanceId ?? '' });
    this.instances.push(made);
    return { Instances: [structuredClone(made)] };
  }

  #describe({ InstanceIds, Filters = [], NextToken }: ec2.DescribeInstancesCommandInput) {
    const named = InstanceIds?.map((id) => this.#instance(id)) ?? this.instances;
    const matching = named.filter(({ Tags = [], State, ClientToken = '' }) =>
      Filters.every((filter) => {
        if (filter.Name === 'instance-state-name') return filter.Values?.includes(State?.Name ?? '');
        if (filter.Name === 'client-token') return filter.Values?.includes(ClientToken);
        return tagMatches(filter, Tags);
      }),
    );
    const shown = structuredClone(matching);
    for (const { InstanceId = '' } of matching) this.#goesOn(InstanceId);
    return paged(
      'Reservations',
      shown.map((each) => ({ Instances: [each] })),
      NextToken,
      this.pageSize,
    );
  }

  #change(ids: readonly string[], via: ec2.InstanceStateName, state: ec2.InstanceStateName) {
    for (const each of ids.map((id) => this.#instance(id))) {
      if (each.State?.Name === 'terminated') continue;
      if (state === 'stopped' && each.State?.Name === 'pending') throw ec2Error('IncorrectInstanceState');
      each.State = { Name: via };
      this.#pending.set(each.InstanceId ?? '', { looks: this.slowness, state });
    }
    return {};
  }

  /** What was asked of an instance is done after some looks at it. */
  #goesOn(id: string): void {
    const change = this.#pending.get(id);
    if (change && change.looks === 0) this.#instance(id).State = { Name: change.state };
    if (change) change.looks -= 1;
  }

  #describeGroups({ Filters = [], NextToken }: ec2.DescribeSecurityGroupsCommandInput) {
    const found = this.groups.filter(({ Tags = [], GroupName = '', VpcId = '' }) =>
      Filters.every((filter) => {
        if (filter.Name === 'group-name') return filter.Values?.includes(GroupName);
        if (filter.Name === 'vpc-id') return filter.Values?.includes(VpcId);
        return tagMatches(filter, Tags);
      }),
    );
    return paged('SecurityGroups', structuredClone(found), NextToken, this.pageSize);
  }

  #createGroup({
    GroupName = '',
    VpcId = DEFAULT_VPC,
    TagSpecifications,
  }: ec2.CreateSecurityGroupCommandInput) {
    if (this.groups.some((each) => each.GroupName === GroupName && each.VpcId === VpcId))
      throw ec2Error('InvalidGroup.Duplicate');
    const GroupId = `sg-${String(this.groups.length + 1).padStart(8, '0')}`;
    this.groups.push({ GroupId, GroupName, VpcId, Tags: TagSpecifications?.[0]?.Tags ?? [] });
    return { GroupId };
  }

  /** Not while an instance has it that is not gone. */
  #deleteGroup(id: string) {
    if (!this.groups.some(({ GroupId }) => GroupId === id)) throw ec2Error('InvalidGroup.NotFound');
    const isUsed = this.instances.some(
      ({ State, SecurityGroups = [] }) =>
        State?.Name !== 'terminated' && SecurityGroups.some(({ GroupId }) => GroupId === id),
    );
    if (isUsed) throw ec2Error('DependencyViolation');
    this.groups = this.groups.filter(({ GroupId }) => GroupId !== id);
    return {};
  }

  /** The tags of what carries that id. */
  tagsOf(id: string): Readonly<Record<string, string>> {
    return tagsOf((this.groups.find(({ GroupId }) => GroupId === id) ?? this.#instance(id)).Tags);
  }
}

function paged<Each>(key: string, all: readonly Each[], token: string | undefined, size: number) {
  const end = Number(token ?? 0) + size;
  return {
    [key]: all.slice(end - size, end),
    NextToken: end < all.length ? String(end) : undefined,
  };
}

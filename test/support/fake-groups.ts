import * as autoScaling from '@aws-sdk/client-auto-scaling';
import { type AwsCommand, mockClient } from 'aws-sdk-client-mock';
import type { Calls } from './calls.ts';
import { tagMatches } from './fake-ec2.ts';

type Launches = Pick<autoScaling.AutoScalingGroup, 'LaunchTemplate' | 'MixedInstancesPolicy'>;

export interface GroupFacts extends Launches {
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What Auto Scaling says: its errors are one class with many names. */
export const scalingError = (message: string, name = 'ValidationError', status = 400) =>
  new autoScaling.AutoScalingServiceException({
    name,
    message,
    $fault: 'client',
    $metadata: { httpStatusCode: status },
  });

const fault = (message: string) => ({ message, $metadata: { httpStatusCode: 400 } });
const RUNNING = new Set(['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress']);

/** Auto Scaling groups and their instance refreshes in memory, by the service's own rules. */
export class FakeGroups {
  readonly mock = mockClient(autoScaling.AutoScalingClient);
  pageSize = 100;
  readonly #groups = new Map<string, autoScaling.AutoScalingGroup>();
  /** The newest first. */
  readonly #refreshes: autoScaling.InstanceRefresh[] = [];

  constructor(calls: Calls) {
    const on = <Input extends autoScaling.ServiceInputTypes, Output extends autoScaling.ServiceOutputTypes>(
      command: new (input: Input) => AwsCommand<Input, Output>,
      act: (input: Input) => object,
    ) =>
      this.mock
        .on(command)
        .callsFake((input: Input) => calls.through(command.name.replace(/Command$/, ''), () => act(input)));
    on(autoScaling.DescribeAutoScalingGroupsCommand, (input) => this.#describe(input));
    on(autoScaling.UpdateAutoScalingGroupCommand, (input) => this.#update(input));
    on(autoScaling.StartInstanceRefreshCommand, (input) => this.#start(input));
    on(autoScaling.DescribeInstanceRefreshesCommand, (input) => this.#describeRefreshes(input));
    on(autoScaling.CancelInstanceRefreshCommand, ({ AutoScalingGroupName = '' }) => {
      const running = this.running(AutoScalingGroupName);
      if (!running) throw new autoScaling.ActiveInstanceRefreshNotFoundFault(fault('none'));
      running.Status = 'Cancelling';
      return {};
    });
  }

  /** A group that wants to be refreshed, of the template's default without more. */
  add({ name = 'web', tags = { 'amity:refresh': 'true' }, ...launches }: GroupFacts = {}): string {
    this.#groups.set(name, {
      AutoScalingGroupName: name,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      ...(launches.LaunchTemplate || launches.MixedInstancesPolicy
        ? launches
        : { LaunchTemplate: { LaunchTemplateId: 'lt-00000001', LaunchTemplateName: 'web' } }),
    } as autoScaling.AutoScalingGroup);
    return name;
  }

  delete(name: string): void {
    this.#groups.delete(name);
  }

  group(name: string): autoScaling.AutoScalingGroup {
    const found = this.#groups.get(name);
    if (!found) throw scalingError(`AutoScalingGroup name not found - ${name}`);
    return found;
  }

  running(name: string): autoScaling.InstanceRefresh | undefined {
    return this.#refreshes.find(
      (each) => each.AutoScalingGroupName === name && RUNNING.has(each.Status ?? ''),
    );
  }

  /** A refresh ends; where it has succeeded, the group is what was desired. */
  end(
    name: string,
    Status: autoScaling.InstanceRefreshStatus,
    more: Partial<autoScaling.InstanceRefresh> = {},
  ) {
    const running = this.running(name);
    if (!running) throw new Error(`${name} has no refresh`);
    Object.assign(running, { Status, ...more });
    if (Status === 'Successful') Object.assign(this.group(name), running.DesiredConfiguration);
  }

  /** The inputs of one kind of call, in order. */
  inputs<Input extends autoScaling.ServiceInputTypes, Output extends autoScaling.ServiceOutputTypes>(
    command: new (input: Input) => AwsCommand<Input, Output>,
  ): Input[] {
    return this.mock
      .calls()
      .flatMap(({ args: [sent] }) => (sent instanceof command ? [sent.input as Input] : []));
  }

  #describe({
    AutoScalingGroupNames,
    Filters = [],
    NextToken,
  }: autoScaling.DescribeAutoScalingGroupsCommandInput) {
    const found = [...this.#groups.values()].filter(
      ({ AutoScalingGroupName = '', Tags = [] }) =>
        (!AutoScalingGroupNames || AutoScalingGroupNames.includes(AutoScalingGroupName)) &&
        Filters.every((filter) => tagMatches(filter, Tags)),
    );
    const start = Number(NextToken ?? 0);
    const end = start + this.pageSize;
    return {
      AutoScalingGroups: structuredClone(found.slice(start, end)),
      NextToken: end < found.length ? String(end) : undefined,
    };
  }

  #update({
    AutoScalingGroupName = '',
    LaunchTemplate,
    MixedInstancesPolicy,
  }: autoScaling.UpdateAutoScalingGroupCommandInput) {
    const group = this.group(AutoScalingGroupName);
    checked({ LaunchTemplate, MixedInstancesPolicy });
    if (this.running(AutoScalingGroupName)?.DesiredConfiguration)
      throw scalingError('An active instance refresh with a desired configuration exists.');
    Object.assign(group, structuredClone({ LaunchTemplate, MixedInstancesPolicy }));
    return {};
  }

  #start({
    AutoScalingGroupName = '',
    DesiredConfiguration,
    Preferences,
  }: autoScaling.StartInstanceRefreshCommandInput) {
    const group = this.group(AutoScalingGroupName);
    if (this.running(AutoScalingGroupName))
      throw new autoScaling.InstanceRefreshInProgressFault(
        fault('An Instance Refresh is already in progress'),
      );
    checked(DesiredConfiguration ?? {});
    if (
      Preferences?.AutoRollback &&
      specifications(group).some(({ Version }) => !/^\d+$/.test(Version ?? ''))
    )
      throw scalingError('AutoRollback cannot be used with $Latest or $Default.');
    const InstanceRefreshId = `refresh-${this.#refreshes.length + 1}`;
    this.#refreshes.unshift({
      InstanceRefreshId,
      AutoScalingGroupName,
      Status: 'Pending',
      DesiredConfiguration: structuredClone(DesiredConfiguration),
      Preferences,
    });
    return { InstanceRefreshId };
  }

  #describeRefreshes({
    AutoScalingGroupName = '',
    InstanceRefreshIds,
    MaxRecords = 50,
  }: autoScaling.DescribeInstanceRefreshesCommandInput) {
    this.group(AutoScalingGroupName);
    const found = this.#refreshes.filter(
      (each) =>
        each.AutoScalingGroupName === AutoScalingGroupName &&
        (!InstanceRefreshIds || InstanceRefreshIds.includes(each.InstanceRefreshId ?? '')),
    );
    return { InstanceRefreshes: structuredClone(found.slice(0, MaxRecords)) };
  }
}

/** A group takes either; and of a template, its id or its name. */
function checked(launches: Launches): void {
  if (!launches.LaunchTemplate === !launches.MixedInstancesPolicy)
    throw scalingError('Either a launch template or a mixed instances policy.');
  if (specifications(launches).some((each) => !each.LaunchTemplateId === !each.LaunchTemplateName))
    throw scalingError('Valid requests must contain either launchTemplateId or LaunchTemplateName');
}

const specifications = ({ LaunchTemplate, MixedInstancesPolicy: policy }: Launches) =>
  [
    LaunchTemplate,
    policy?.LaunchTemplate?.LaunchTemplateSpecification,
    ...(policy?.LaunchTemplate?.Overrides ?? []).map((each) => each.LaunchTemplateSpecification),
  ].filter((each) => each !== undefined);

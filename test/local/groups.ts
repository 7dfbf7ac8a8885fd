import {
  AutoScalingClient,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  type InstanceRefresh,
  StartInstanceRefreshCommand,
  type StartInstanceRefreshCommandInput,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeInstancesCommand,
  EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, vi } from 'vitest';
import type { Suite } from './support.ts';

/** Auto Scaling groups of a region, from launch templates whose versions have the images given. */
export class Groups {
  readonly #suite: Suite;
  readonly #region: string;
  #client: AutoScalingClient | undefined;
  #ec2: EC2Client | undefined;

  constructor(suite: Suite, region = 'us-east-1') {
    this.#suite = suite;
    this.#region = region;
  }

  get client(): AutoScalingClient {
    this.#client ??= new AutoScalingClient(this.#config);
    return this.#client;
  }

  get ec2(): EC2Client {
    this.#ec2 ??= new EC2Client(this.#config);
    return this.#ec2;
  }

  get #config() {
    return { ...this.#suite.aws.clientConfig, region: this.#region, maxAttempts: 1 };
  }

  images(...names: string[]): Promise<string[]> {
    const { control } = this.#suite.aws;
    const region = this.#region;
    return Promise.all(names.map(async (name) => (await control.addImage({ name, region })).imageId));
  }

  /** A template with an image in each of its versions; the first stays the default. */
  async template(LaunchTemplateName: string, ...images: string[]) {
    const [first, ...later] = images.map((ImageId) => ({ ImageId, InstanceType: 't3.micro' as const }));
    const { LaunchTemplate } = await this.ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: first }),
    );
    for (const LaunchTemplateData of later) await this.addVersion(LaunchTemplateName, LaunchTemplateData);
    return { LaunchTemplateId: String(LaunchTemplate?.LaunchTemplateId), LaunchTemplateName };
  }

  addVersion(LaunchTemplateName: string, LaunchTemplateData: object) {
    const command = new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData });
    return this.ec2.send(command);
  }

  create(AutoScalingGroupName: string, more: Partial<CreateAutoScalingGroupCommandInput>) {
    const input = {
      AutoScalingGroupName,
      MinSize: 0,
      MaxSize: 10,
      AvailabilityZones: [`${this.#region}a`],
      ...more,
    };
    return this.client.send(new CreateAutoScalingGroupCommand(input));
  }

  async find(name: string): Promise<AutoScalingGroup> {
    const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
    const found = (await this.client.send(command)).AutoScalingGroups?.[0];
    if (!found) throw new Error(`No group ${name}`);
    return found;
  }

  async instances(name: string): Promise<Instance[]> {
    const ids = (await this.find(name)).Instances?.map((each) => String(each.InstanceId)) ?? [];
    if (ids.length === 0) return [];
    const found = await this.ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }));
    return found.Reservations?.flatMap((each) => each.Instances ?? []) ?? [];
  }

  /** Each instance's image, and the number of the template's version that it carries as a tag. */
  async launched(name: string): Promise<unknown[]> {
    return (await this.instances(name)).map((each) => [
      each.ImageId,
      tag(each, 'aws:ec2launchtemplate:version'),
    ]);
  }

  async startRefresh(
    AutoScalingGroupName: string,
    input: Partial<StartInstanceRefreshCommandInput> = {},
  ): Promise<string> {
    const command = new StartInstanceRefreshCommand({ AutoScalingGroupName, ...input });
    return String((await this.client.send(command)).InstanceRefreshId);
  }

  /** The newest refresh of a group. */
  async refresh(AutoScalingGroupName: string): Promise<InstanceRefresh> {
    const command = new DescribeInstanceRefreshesCommand({ AutoScalingGroupName });
    const [newest] = (await this.client.send(command)).InstanceRefreshes ?? [];
    if (!newest) throw new Error(`No refresh of ${AutoScalingGroupName}`);
    return newest;
  }

  untilStatus(name: string, status: InstanceRefresh['Status']): Promise<InstanceRefresh> {
    return vi.waitFor(
      async () => {
        const refresh = await this.refresh(name);
        expect(refresh.Status).toBe(status);
        return refresh;
      },
      { timeout: 8000, interval: 20 },
    );
  }
}

export function tag(instance: Instance, key: string): string | undefined {
  return instance.Tags?.find(({ Key }) => Key === key)?.Value;
}

export interface RefreshEvent {
  'detail-type': string;
  source: string;
  resources: string[];
  detail: Record<string, string>;
}

/** What Auto Scaling sends of the groups of a name, from now on; `read` takes what has come. */
export async function listen({ aws }: Suite, AutoScalingGroupName: string) {
  const events = new EventBridgeClient(aws.clientConfig);
  const sqs = new SQSClient(aws.clientConfig);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: AutoScalingGroupName }));
  const EventPattern = JSON.stringify({
    source: ['aws.autoscaling'],
    detail: { AutoScalingGroupName: [AutoScalingGroupName] },
  });
  await events.send(new PutRuleCommand({ Name: AutoScalingGroupName, EventPattern }));
  const Arn = `arn:aws:sqs:${aws.region}:${aws.account}:${AutoScalingGroupName}`;
  await events.send(new PutTargetsCommand({ Rule: AutoScalingGroupName, Targets: [{ Id: 'queue', Arn }] }));
  return async function read(): Promise<RefreshEvent[]> {
    const found: RefreshEvent[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return found;
      found.push(...Messages.map(({ Body }) => JSON.parse(String(Body)) as RefreshEvent));
    }
  };
}

const prefix = 'EC2 Auto Scaling Instance Refresh ';

export function kinds(events: RefreshEvent[]): string[] {
  return events.map((each) => each['detail-type'].replace(prefix, ''));
}

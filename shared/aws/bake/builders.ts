import {
  GetConsoleOutputCommand,
  type Instance,
  paginateDescribeInstances,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { BUILDER_TAG, type Builder, DEADLINE_TAG } from '../../domain/bake/builder.ts';
import { ec2, ec2ErrorFacts, literal, tagsOf } from '../ec2.ts';

/** What a bake has started and made, or every bake has. */
export const ofBake = (bake?: string) =>
  bake ? { Name: `tag:${BUILDER_TAG}`, Values: [literal(bake)] } : { Name: 'tag-key', Values: [BUILDER_TAG] };

/** The builders of a bake, or of all; those that EC2 has not forgotten yet among them. */
export async function builders(bake?: string): Promise<Builder[]> {
  const found: Builder[] = [];
  const pages = paginateDescribeInstances({ client: ec2 }, { Filters: [ofBake(bake)], MaxResults: 1000 });
  for await (const { Reservations = [] } of pages)
    found.push(...Reservations.flatMap(({ Instances = [] }) => Instances).map(asBuilder));
  return found;
}

const asBuilder = (instance: Instance): Builder => {
  const tags = tagsOf(instance.Tags);
  return {
    instanceId: instance.InstanceId ?? '',
    state: instance.State?.Name ?? 'unknown',
    bake: tags[BUILDER_TAG] ?? '',
    launchedAt: instance.LaunchTime ?? new Date(0),
    deadline: tags[DEADLINE_TAG],
  };
};

export const stop = (instanceId: string): Promise<unknown> =>
  ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));

/** One that EC2 has forgotten is gone. */
export async function terminate(instanceId: string): Promise<void> {
  try {
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
  } catch (error) {
    if (ec2ErrorFacts(error).name !== 'InvalidInstanceID.NotFound') throw error;
  }
}

/**
 * What a builder's console has shown; nothing where EC2 has not got it. The latest is for types on Nitro alone.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
 */
export async function consoleOf(instanceId: string): Promise<string | undefined> {
  for (const Latest of [true, false]) {
    try {
      const { Output } = await ec2.send(new GetConsoleOutputCommand({ InstanceId: instanceId, Latest }));
      if (Output) return Buffer.from(Output, 'base64').toString('utf8');
    } catch (error) {
      const { name, status } = ec2ErrorFacts(error);
      if (name === 'RequestLimitExceeded' || status === undefined || status >= 500) throw error;
    }
  }
  return undefined;
}

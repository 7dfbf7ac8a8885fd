import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import type { AmiMoveFailed } from '../../../shared/events/ami-move-failed.ts';
import type { AmiMoved } from '../../../shared/events/ami-moved.ts';
import { untilAws } from './bakes.ts';
import { envelopes, seen, until } from './flow.ts';
import { session, subnets } from './move-session.ts';
import { put } from './put.ts';

/** What an `AmiMoveRequested` that asks for it is to say; into the other zone, unless told otherwise. */
export const moveRequest = (instanceId: string, more: object = {}) => ({
  detailType: 'AmiMoveRequested',
  detail: { instanceId, subnetId: subnets.other, requestId: `move-${instanceId}`, ...more },
});

export const requestMove = (instanceId: string, more: object = {}): Promise<void> =>
  put(session, moveRequest(instanceId, more));

/** An ordinary instance that runs, and is called so. */
export const runSource = async (name: string): Promise<string> =>
  (await session.aws.control.startInstance({ name })).instanceId;

const about = (sourceInstanceId: string) => (each: { sourceInstanceId?: string | undefined }) =>
  each.sourceInstanceId === sourceInstanceId;

/** How the moves of an instance ended so far. */
export const endsOf = (sourceInstanceId: string): (AmiMoved | AmiMoveFailed)[] => [
  ...seen(session, 'AmiMoved').filter(about(sourceInstanceId)),
  ...seen(session, 'AmiMoveFailed').filter(about(sourceInstanceId)),
];

export const untilEnd = (sourceInstanceId: string, seconds = 100) =>
  until(`the end of the move of ${sourceInstanceId}`, () => endsOf(sourceInstanceId)[0], seconds);

/** The parameter by which a fault meets the RunInstances of one move alone. */
export const startOf = (sourceInstanceId: string) => ({ 'TagSpecification.2.Tag.1.Value': sourceInstanceId });

/** The instances that say that they were moved from there. */
export async function likenessesOf(sourceInstanceId: string): Promise<Instance[]> {
  const { Reservations = [] } = await new EC2Client(session.aws.clientConfig).send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'tag:amity:moved-from', Values: [sourceInstanceId] }] }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

/** Waits for the one instance that was started in its place. */
export const untilStarted = async (sourceInstanceId: string): Promise<string> =>
  untilAws(
    `an instance like ${sourceInstanceId}`,
    async () => (await likenessesOf(sourceInstanceId))[0]?.InstanceId,
  );

export async function stateOf(instanceId: string) {
  const found = (await session.aws.control.instances()).find((each) => each.instanceId === instanceId);
  if (!found) throw new Error(`There is no ${instanceId}`);
  return found;
}

/** The calls for an image of an instance, refused ones too. */
export const imagingOf = async (instanceId: string) =>
  (await session.aws.control.calls({ service: 'ec2', action: 'CreateImage' })).filter(
    ({ params }) => params.InstanceId === instanceId,
  );

/** How many requests for an image of that very instance were put. */
export const imageRequestsOf = (instanceId: string) =>
  envelopes(session, 'AmiRequested')
    .filter((each) => !each['replay-name'])
    .map(({ detail }) => detail as { instanceId?: string; requestId: string })
    .filter((each) => each.instanceId === instanceId);

import {
  CreateKeyPairCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll } from 'vitest';
import { rebootWindow } from '../../../shared/domain/backup/window.ts';
import { addProfile } from './instance-profiles.ts';
import { type Session, startSession } from './session.ts';

/** Instance profiles, and the roles in them: that of the one may be passed to instances. */
export const LISTED = 'listed-app';
export const UNLISTED = 'unlisted-app';
/** Of the service in examples/auto-scaling-group, and of its role. */
export const EXAMPLE_NAME = 'service-api';
export const KEY = 'operators';

/** The session that moves, consistent backups and an example share: one deployment, with IAM enforced. */
export let session: Session;
/** Where the sources are, another zone of their network, and another network. */
export const subnets = { home: '', other: '', foreign: '' };

const hourFromNow = (hours: number) =>
  new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 14).concat('00');

/** When instances may be rebooted: not now, and not for hours. The time zone is UTC. */
export const CLOSED = `${hourFromNow(6)}-${hourFromNow(8)}`;
/** A window that is open now, and for hours. */
export const OPEN = `${hourFromNow(-2)}-${hourFromNow(6)}`;

export function useMoveSession(): void {
  beforeAll(async () => {
    if (!rebootWindow(CLOSED) || !rebootWindow(OPEN)) throw new Error(`No windows: ${CLOSED}, ${OPEN}`);
    session = await startSession({
      enforceIam: true,
      config: {
        waiter: { pollSeconds: 2, timeoutMinutes: 30 },
        rollout: { instanceRoles: [LISTED, EXAMPLE_NAME] },
        backup: { rebootWindow: CLOSED },
      },
    });
    for (const profile of [LISTED, UNLISTED]) await addProfile(session, profile);
    await addNetwork(new EC2Client(session.aws.clientConfig));
    // A launch is made of many tokens; what throttling does is tried elsewhere.
    await session.aws.control.setLimit('RunInstances', null);
  });
  afterAll(() => session?.stop());
}

async function addNetwork(ec2: EC2Client): Promise<void> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const inZone = (zone: string) =>
    Subnets.find(({ AvailabilityZone }) => AvailabilityZone === zone)?.SubnetId ?? '';
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
  const { Subnet } = await ec2.send(
    new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.9.1.0/24', AvailabilityZone: 'us-east-1b' }),
  );
  const foreign = Subnet?.SubnetId ?? '';
  Object.assign(subnets, { home: inZone('us-east-1a'), other: inZone('us-east-1b'), foreign });
  await ec2.send(new CreateKeyPairCommand({ KeyName: KEY }));
}

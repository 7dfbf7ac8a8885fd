import { readFileSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { AmiAvailable } from '../../../shared/events/ami-available.ts';
import type { AmiFailed } from '../../../shared/events/ami-failed.ts';
import { bakeName, requestKey } from '../../../shared/events/request-key.ts';
import { announced, until } from './flow.ts';
import { put } from './put.ts';
import type { Session } from './session.ts';

/** As `until`, of what AWS has to be asked: twice a second, for many tests do so at once. */
export const untilAws = <Result>(what: string, look: () => Promise<Result>, seconds = 100) =>
  until(what, look, seconds, 500);

/** Amazon's, as the embedded AWS has it, and the public parameter that names it. */
export const BASE_IMAGE = 'ami-0a1b2c3d4e5f60789';
export const ARM_IMAGE = 'ami-0a1b2c3d4e5f60790';
export const PUBLIC_BASE =
  'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

/** Another system, which asks for bakes. */
const SOURCE = 'my.release-train';

export const example = (file: string): string =>
  readFileSync(join(import.meta.dirname, '../../../examples/bake', file), 'utf8');
export const WEB = example('web.sh');

/** Does nothing, and well. */
export const NOTHING = '#!/bin/sh\ntrue\n';
/** Says that it has begun, and ends when and as it is told to (`letGo`), or much too late. */
export const WAITS = `#!/bin/sh
echo "the script has begun"
echo "$AMITY_TASK_TOKEN" >"$AMITY_ROOT/begun"
for i in $(seq 600); do [ -f "$AMITY_ROOT/go" ] && exit $(cat "$AMITY_ROOT/go"); sleep 0.3; done
`;

/** What an AmiBakeRequested that asks for it is to say; its request id is the instance name. */
export const bakeRequest = (instanceName: string, more: object = {}) => ({
  detailType: 'AmiBakeRequested',
  source: SOURCE,
  detail: { instanceName, requestId: instanceName, baseImage: BASE_IMAGE, userData: WEB, ...more },
});

/** Asks for a bake by an event. */
export const requestBake = (session: Session, instanceName: string, more: object = {}): Promise<void> =>
  put(session, bakeRequest(instanceName, more));

/** The name of the execution that bakes for such a request: the value of `amity:builder` too. */
export const bakeOf = ({ aws: { account } }: Session, requestId: string, attempt = 1): string =>
  bakeName(requestKey({ account, source: SOURCE } as Parameters<typeof requestKey>[0], requestId), attempt);

/** How the requests for an instance name ended so far. */
export const endsOf = (session: Session, instanceName: string): (AmiAvailable | AmiFailed)[] => [
  ...announced(session, 'AmiAvailable', instanceName),
  ...announced(session, 'AmiFailed', instanceName),
];

/** The only one that a test waits for. */
export const untilEnd = (session: Session, instanceName: string, seconds = 100) =>
  until(`the end of ${instanceName}`, () => endsOf(session, instanceName)[0], seconds);

const builderName = (instanceName: string) => `amity builder: ${instanceName}`;

/** The parameter by which a fault meets the RunInstances of an instance name alone. */
export const startOf = (instanceName: string) => ({
  'TagSpecification.1.Tag.1.Value': builderName(instanceName),
});

/** The builders of an instance name so far, in the order of their start; terminated ones too. */
export const buildersOf = async ({ aws }: Session, instanceName: string) =>
  (await aws.control.instances()).filter(({ name }) => name === builderName(instanceName));

export const untilBuilder = (session: Session, instanceName: string, position = 0) =>
  untilAws(`the builder of ${instanceName}`, async () => (await buildersOf(session, instanceName))[position]);

/** The calls of RunInstances for an instance name that EC2 carried out. */
export const startsOf = async ({ aws }: Session, instanceName: string) =>
  (await aws.control.calls({ service: 'ec2', action: 'RunInstances' })).filter(
    ({ params, status }) =>
      status === 200 && params['TagSpecification.1.Tag.1.Value'] === builderName(instanceName),
  );

/** Waits until the script of a builder runs (`WAITS`); gives its root, and the token that it has. */
export async function untilBegun({ aws }: Session, instanceId: string) {
  const root = await untilAws(
    `${instanceId} runs`,
    () => aws.control.builders.root(instanceId).catch(() => undefined),
    60,
  );
  const token = await untilAws(
    `the script of ${instanceId}`,
    () => readFile(join(root, 'begun'), 'utf8').catch(() => undefined),
    60,
  );
  return { root, token: token.trim() };
}

/** Lets such a script end, with its exit code. */
export const letGo = async (root: string, code = 0): Promise<void> => {
  await writeFile(join(root, 'going'), String(code));
  await rename(join(root, 'going'), join(root, 'go'));
};

/** What EC2 still has of what bakes made. */
export async function leftOf({ aws }: Session, ...bakes: string[]): Promise<string[]> {
  const ec2 = new EC2Client(aws.clientConfig);
  const Filters = [
    bakes.length > 0
      ? { Name: 'tag:amity:builder', Values: bakes }
      : { Name: 'tag-key', Values: ['amity:builder'] },
  ];
  const [instances, volumes, groups, interfaces, snapshots] = await Promise.all([
    ec2.send(new DescribeInstancesCommand({ Filters })),
    ec2.send(new DescribeVolumesCommand({ Filters })),
    ec2.send(new DescribeSecurityGroupsCommand({ Filters })),
    ec2.send(new DescribeNetworkInterfacesCommand({ Filters })),
    ec2.send(new DescribeSnapshotsCommand({ Filters })),
  ]);
  return [
    ...(instances.Reservations ?? [])
      .flatMap(({ Instances = [] }) => Instances)
      .filter(({ State }) => State?.Name !== 'terminated')
      .map(({ InstanceId, State }) => `${InstanceId} ${State?.Name}`),
    ...(volumes.Volumes ?? []).map(({ VolumeId }) => VolumeId ?? ''),
    ...(groups.SecurityGroups ?? []).map(({ GroupId }) => GroupId ?? ''),
    ...(interfaces.NetworkInterfaces ?? []).map(({ NetworkInterfaceId }) => NetworkInterfaceId ?? ''),
    ...(snapshots.Snapshots ?? []).map(({ SnapshotId }) => SnapshotId ?? ''),
  ];
}

/** Waits until nothing is left of them. */
export async function untilGone(session: Session, ...bakes: string[]): Promise<void> {
  let left: string[] = [];
  await untilAws('nothing is left', async () => {
    left = await leftOf(session, ...bakes);
    return left.length === 0;
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${left}`);
  });
}

/** Every file below a folder with what is in it. */
export async function filesIn(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) =>
    each.isFile(),
  );
  return new Map(
    await Promise.all(
      files.map(async ({ parentPath, name }): Promise<[string, string]> => {
        const path = join(parentPath, name);
        return [path.slice(folder.length), await readFile(path, 'utf8')];
      }),
    ),
  );
}

import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import {
  CreateImageCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImageReferencesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { BAKE } from './bake-exchanges.ts';
import { AUTO_SCALING, RETENTION } from './retention-exchanges.ts';
import { REFRESHES, ROLLOUT } from './rollout-exchanges.ts';

const Tags = [
  { Key: 'Name', Value: 'a&b' },
  { Key: 'amity:instance-name', Value: 'sérvice' },
];
const ec2 = (operation: string, content: string) =>
  `<?xml version="1.0"?><${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>${content}</${operation}Response>`;
const autoScaling = (operation: string, content: string) =>
  `<${operation}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><${operation}Result>${content}</${operation}Result></${operation}Response>`;

/** Every EC2 operation that a handler calls, with all that it sends, and an answer with all that it reads. */
const OPERATIONS = {
  CreateImage: [
    new CreateImageCommand({
      InstanceId: 'i-1',
      Name: 'a',
      NoReboot: true,
      TagSpecifications: [
        { ResourceType: 'image', Tags },
        { ResourceType: 'snapshot', Tags },
      ],
    }),
    '<imageId>ami-1</imageId>',
  ],
  DescribeImages: [
    new DescribeImagesCommand({
      Owners: ['self'],
      ImageIds: ['ami-1'],
      IncludeDisabled: true,
      MaxResults: 1000,
      NextToken: 't',
      Filters: [{ Name: 'name', Values: ['a', 'b'] }],
    }),
    '<imagesSet><item><imageId>ami-1</imageId><name>a</name><imageState>failed</imageState><creationDate>2025-06-05T12:00:00.000Z</creationDate><sourceInstanceId>i-1</sourceInstanceId><stateReason><code>Client.InternalError</code><message>why</message></stateReason><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-1</snapshotId><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping><tagSet><item><key>Name</key><value>a&amp;b</value></item></tagSet></item></imagesSet><nextToken>n</nextToken>',
  ],
  DescribeInstances: [
    new DescribeInstancesCommand({ Filters: [{ Name: 'tag:Name', Values: ['a'] }], MaxResults: 1000 }),
    '<reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><instanceType>m7g.large</instanceType><instanceState><code>16</code><name>running</name></instanceState><launchTime>2025-06-05T12:00:00.000Z</launchTime><keyName>k</keyName><vpcId>vpc-1</vpcId><ebsOptimized>true</ebsOptimized><monitoring><state>enabled</state></monitoring><placement><tenancy>dedicated</tenancy></placement><iamInstanceProfile><arn>arn:aws:iam::1:instance-profile/a</arn></iamInstanceProfile><groupSet><item><groupId>sg-1</groupId></item></groupSet><metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint><httpProtocolIpv6>disabled</httpProtocolIpv6><instanceMetadataTags>enabled</instanceMetadataTags></metadataOptions><rootDeviceType>ebs</rootDeviceType><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-1</volumeId><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping><tagSet><item><key>Name</key><value>a</value></item></tagSet></item></instancesSet></item></reservationSet>',
  ],
  DeregisterImage: [
    new DeregisterImageCommand({ ImageId: 'ami-1', DeleteAssociatedSnapshots: true }),
    '<return>true</return><deleteSnapshotResultSet><item><snapshotId>snap-1</snapshotId><returnCode>skipped</returnCode></item></deleteSnapshotResultSet>',
  ],
  DeleteSnapshot: [new DeleteSnapshotCommand({ SnapshotId: 'snap-1' }), '<return>true</return>'],
  DescribeImageReferences: [
    new DescribeImageReferencesCommand({
      ImageIds: ['ami-1'],
      IncludeAllResourceTypes: true,
      ResourceTypes: [
        {
          ResourceType: 'ec2:Instance',
          ResourceTypeOptions: [{ OptionName: 'state-name', OptionValues: ['running'] }],
        },
      ],
    }),
    '<imageReferenceSet><item><imageId>ami-1</imageId><resourceType>ec2:Instance</resourceType><arn>arn:aws:ec2:us-east-1:1:instance/i-1</arn></item></imageReferenceSet><nextToken>n</nextToken>',
  ],
  ...BAKE,
  ...RETENTION,
  ...ROLLOUT,
} as const;

interface Exchange {
  readonly body: string;
  readonly answer: unknown;
}

/** By client and operation: what is sent, and what is made of the answer. */
export async function exchanges(): Promise<Record<string, Exchange>> {
  const found: Record<string, Exchange> = {};
  for (const [name, [command, content]] of Object.entries(OPERATIONS))
    found[`ec2:${name}`] = await exchange(EC2Client, command, ec2(name, content));
  for (const [name, [command, content]] of Object.entries({ ...AUTO_SCALING, ...REFRESHES }))
    found[`auto-scaling:${name}`] = await exchange(AutoScalingClient, command, autoScaling(name, content));
  return found;
}

async function exchange(
  Client: typeof EC2Client | typeof AutoScalingClient,
  command: object,
  xml: string,
): Promise<Exchange> {
  let body = '';
  const client = new Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      handle: async (request: { body: string }) => {
        body = request.body;
        const headers = { 'content-type': 'text/xml' };
        return { response: { statusCode: 200, headers, body: new TextEncoder().encode(xml) } };
      },
    } as never,
  });
  const { $metadata, ...answer } = await (client as EC2Client).send(command as never);
  return { body, answer };
}

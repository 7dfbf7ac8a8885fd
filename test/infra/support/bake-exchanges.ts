import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  GetConsoleOutputCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';

const InstanceIds = ['i-1'];
const Tags = [{ Key: 'amity:builder', Value: 'bake-1' }];
const Filters = [{ Name: 'tag:amity:builder', Values: ['bake-1'] }];
const tagSet = '<tagSet><item><key>amity:builder</key><value>bake-1</value></item></tagSet>';
const changed =
  '<instancesSet><item><instanceId>i-1</instanceId><currentState><code>64</code><name>stopping</name></currentState></item></instancesSet>';

/** What a bake, or a move, asks of EC2, with all that it sends, and an answer with all that it reads. */
export const BAKE = {
  CreateSecurityGroup: [
    new CreateSecurityGroupCommand({
      GroupName: 'amity-builder-bake-1',
      Description: 'why',
      VpcId: 'vpc-1',
      TagSpecifications: [{ ResourceType: 'security-group', Tags }],
    }),
    `<groupId>sg-1</groupId>${tagSet}`,
  ],
  DeleteSecurityGroup: [new DeleteSecurityGroupCommand({ GroupId: 'sg-1' }), '<return>true</return>'],
  DescribeInstanceTypes: [
    new DescribeInstanceTypesCommand({ Filters: [{ Name: 'instance-type', Values: ['t4g.small'] }] }),
    '<instanceTypeSet><item><instanceType>t4g.small</instanceType><processorInfo><supportedArchitectures><item>arm64</item></supportedArchitectures></processorInfo></item></instanceTypeSet>',
  ],
  DescribeSecurityGroups: [
    new DescribeSecurityGroupsCommand({ Filters, NextToken: 't' }),
    `<securityGroupInfo><item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId>${tagSet}</item></securityGroupInfo><nextToken>n</nextToken>`,
  ],
  DescribeSubnets: [
    new DescribeSubnetsCommand({ SubnetIds: ['subnet-1'] }),
    '<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item></subnetSet>',
  ],
  GetConsoleOutput: [
    new GetConsoleOutputCommand({ InstanceId: 'i-1', Latest: true }),
    '<instanceId>i-1</instanceId><timestamp>2025-06-05T12:00:00.000Z</timestamp><output>aGVsbG8=</output>',
  ],
  RunInstances: [
    new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      ImageId: 'ami-1',
      InstanceType: 't3.small',
      ClientToken: 'once',
      SecurityGroupIds: ['sg-1'],
      SubnetId: 'subnet-1',
      IamInstanceProfile: { Name: 'builder' },
      UserData: 'IyEvYmluL3No',
      KeyName: 'k',
      EbsOptimized: true,
      Monitoring: { Enabled: true },
      Placement: { Tenancy: 'dedicated' },
      MetadataOptions: {
        HttpTokens: 'required',
        HttpEndpoint: 'enabled',
        HttpPutResponseHopLimit: 1,
        HttpProtocolIpv6: 'disabled',
        InstanceMetadataTags: 'enabled',
      },
      InstanceInitiatedShutdownBehavior: 'terminate',
      BlockDeviceMappings: [
        {
          DeviceName: '/dev/xvda',
          Ebs: { DeleteOnTermination: true, VolumeSize: 20, Encrypted: true, KmsKeyId: 'alias/images' },
        },
        {
          DeviceName: '/dev/xvdb',
          Ebs: { DeleteOnTermination: false, VolumeType: 'gp3', Iops: 3000, Throughput: 125 },
        },
      ],
      TagSpecifications: [
        { ResourceType: 'instance', Tags },
        { ResourceType: 'volume', Tags },
        { ResourceType: 'network-interface', Tags },
      ],
    }),
    '<reservationId>r-1</reservationId><instancesSet><item><instanceId>i-1</instanceId><instanceState><code>0</code><name>pending</name></instanceState><launchTime>2025-06-05T12:00:00.000Z</launchTime></item></instancesSet>',
  ],
  StopInstances: [new StopInstancesCommand({ InstanceIds }), changed],
  TerminateInstances: [new TerminateInstancesCommand({ InstanceIds }), changed],
} as const;

import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { AwsClient } from 'aws4fetch';
import type { Session } from '../../../local/session.ts';

/** What the deployed stack named its resources of a type: by their places in the stack, without CDK's hashes. */
export async function resourcesOf({ aws }: Session, type: string): Promise<Record<string, string>> {
  const { StackResources = [] } = await new CloudFormationClient(aws.clientConfig).send(
    new DescribeStackResourcesCommand({ StackName: 'Amity' }),
  );
  const found: Record<string, string> = {};
  for (const { LogicalResourceId = '', PhysicalResourceId = '' } of StackResources.filter(
    ({ ResourceType }) => ResourceType === type,
  )) {
    const place = placeOf(LogicalResourceId);
    if (place in found) throw new Error(`Two of ${type} have the place ${place}`);
    found[place] = PhysicalResourceId;
  }
  return found;
}

/**
 * `AmiRequestedCreateImageFunctionRoleAE01B8D7` is `AmiRequestedCreateImage`. The role under which the standing bakes, or
 * what follows the newest images, are scheduled is beside that of their function.
 */
const placeOf = (logicalId: string) =>
  logicalId
    .replace(/[0-9A-F]{8}$/, '')
    .replace(/^(Schedule(?:Bake|FollowNewest))Role$/, '$1Scheduler')
    .replace(/(Role|Queue)$/, '')
    .replace(/Function$/, '');

export type Clients = Awaited<ReturnType<typeof clientsOf>>;

/** Clients that call as a role of this account, or as one of another. */
export async function clientsOf({ aws }: Session, role: string, account = aws.account) {
  const credentials = await aws.control.startSession(`arn:aws:iam::${account}:role/${role}`);
  const config = { ...aws.clientConfig, credentials, maxAttempts: 1 };
  return {
    ec2: new EC2Client(config),
    autoScaling: new AutoScalingClient(config),
    events: new EventBridgeClient(config),
    dynamodb: new DynamoDBClient(config),
    iam: new IAMClient(config),
    scheduler: new SchedulerClient(config),
    sfn: new SFNClient(config),
    sqs: new SQSClient(config),
    ssm: new SSMClient(config),
    lambda: new LambdaClient(config),
    cloudformation: new CloudFormationClient(config),
    /** For what there is no client of in this repository. */
    signed: (service: string) => new AwsClient({ ...credentials, service, region: aws.region, retries: 0 }),
  };
}

export const DENIED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'];

/** `allowed`, `denied`, or what else went wrong. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'allowed';
  } catch (error) {
    const { name, message } = error as Error;
    return DENIED.includes(name) ? 'denied' : `${name}: ${message}`;
  }
}

/** A call that is allowed, and cannot succeed where it is tried. */
export async function mayEnd(code: string, call: Promise<unknown>): Promise<void> {
  await call.catch((error: Error) => {
    if (error.name !== code) throw error;
  });
}

export const deleteRolePolicy = (session: Session, role: string, policy: string): Promise<void> =>
  callIam(session, 'DeleteRolePolicy', { RoleName: role, PolicyName: policy });

/** A call to IAM, as this account itself. */
export async function callIam(
  { aws }: Pick<Session, 'aws'>,
  Action: string,
  parameters: Record<string, string>,
): Promise<void> {
  const { credentials, region } = aws.clientConfig;
  const answer = await new AwsClient({ ...credentials, service: 'iam', region, retries: 0 }).fetch(
    aws.endpoint,
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }).toString(),
    },
  );
  if (!answer.ok) throw new Error(await answer.text());
}

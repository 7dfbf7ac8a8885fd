import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { announced } from './flow.ts';
import { session } from './move-session.ts';
import { resourcesOf } from './roles.ts';

/** As AWS documents it: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html */
const EXAMPLE: {
  source: string;
  'detail-type': string;
  resources: string[];
  detail: Record<string, unknown>;
} = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '../../../examples/events/aws/backup-job-state-change.json'),
    'utf8',
  ),
);

export const arnOf = (instanceId: string) =>
  `arn:aws:ec2:us-east-1:${session.aws.account}:instance/${instanceId}`;

/** AWS Backup tells that it has backed an instance up, or whatever else is in the detail. */
export const backedUp = (instanceId: string, more: object = {}): Promise<null> =>
  session.aws.control.putAwsEvent({
    source: EXAMPLE.source,
    detailType: EXAMPLE['detail-type'],
    resources: EXAMPLE.resources,
    detail: { ...EXAMPLE.detail, resourceArn: arnOf(instanceId), ...more },
  });

/** An instance that is to be backed up consistently. */
export const runConsistent = async (name: string, more: object = {}): Promise<string> => {
  const tags = { 'amity:consistent': 'true' };
  return (await session.aws.control.startInstance({ name, tags, ...more })).instanceId;
};

/** The day, in the time zone of the configuration. */
export const TODAY = () => new Date().toISOString().slice(0, 10);

export const requestsFor = (name: string) => announced(session, 'AmiRequested', name);

/** The group in which the stack keeps requests that wait for the window. */
async function groupName(): Promise<string> {
  const [name = '', ...more] = Object.values(await resourcesOf(session, 'AWS::Scheduler::ScheduleGroup'));
  if (!name || more.length > 0) throw new Error(`${more.length + 1} groups of schedules`);
  return name;
}

const scheduler = () => new SchedulerClient(session.aws.clientConfig);

/** The names of the schedules for an instance. */
export async function schedulesOf(instanceId: string): Promise<string[]> {
  const { Schedules = [] } = await scheduler().send(
    new ListSchedulesCommand({ GroupName: await groupName(), NamePrefix: `backup-${instanceId}` }),
  );
  return Schedules.map(({ Name = '' }) => Name);
}

export const scheduleCalled = async (Name: string) =>
  scheduler().send(new GetScheduleCommand({ Name, GroupName: await groupName() }));

export const fire = async (name: string): Promise<null> =>
  session.aws.control.services.fireSchedule(name, await groupName());

/** As another configuration would have it: a window, or none. */
export async function setWindow(window: string | undefined): Promise<void> {
  const { BackupJobStateChangeRequestImage: FunctionName } = await resourcesOf(
    session,
    'AWS::Lambda::Function',
  );
  const lambda = new LambdaClient(session.aws.clientConfig);
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const { REBOOT_WINDOW: _, ...others } = Environment?.Variables ?? {};
  const Variables = { ...others, ...(window && { REBOOT_WINDOW: window }) };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
}

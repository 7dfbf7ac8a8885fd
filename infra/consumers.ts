import { Aws, Duration } from 'aws-cdk-lib';
import { AmiAvailable } from '../shared/events/ami-available.ts';
import { AmiCreated } from '../shared/events/ami-created.ts';
import { AmiFailed } from '../shared/events/ami-failed.ts';
import { AmiRequested } from '../shared/events/ami-requested.ts';
import { AmiRestoreRequested } from '../shared/events/ami-restore-requested.ts';
import { Ec2AmiStateChange } from '../shared/events/ec2-ami-state-change.ts';
import { OUR_SOURCE } from '../shared/events/event.ts';
import { TOLD_TOGETHER } from '../shared/events/index.ts';
import { cleanUpPermissions, restorePermissions, retentionEnvironment } from './clean-up.ts';
import type { Config, Notification } from './config-schema.ts';
import type { AvailabilityWaiter } from './constructs/availability-waiter.ts';
import type { Consumption } from './constructs/event-consumer.ts';
import type { LifecycleBus } from './constructs/lifecycle-bus.ts';
import type { RequestTables } from './constructs/request-tables.ts';
import { createImages, describe } from './ec2-permissions.ts';
import { allow, putEvents, readSecret, useTable } from './permissions.ts';

/** What the steps of the flow have in common. */
export interface Flow {
  readonly config: Config;
  readonly bus: LifecycleBus;
  readonly tables: RequestTables;
}

/** Records outlive every event that the archive can replay. */
export const recordDays = ({ archive }: Config) => String(archive.retentionDays + 30);

/** What every step that settles a request needs: shared/runtime/request-environment.ts reads it. */
export const requestEnvironment = ({ config, bus: { bus }, tables }: Flow) => ({
  BUS_NAME: bus.eventBusName,
  REQUESTS_TABLE: tables.requests.tableName,
  RECORD_DAYS: recordDays(config),
});

/** A request may come from any source, and from whomever the bus's policy lets in. */
export const createImage = (flow: Flow): Consumption => ({
  description: 'Makes the image of the oldest running instance with that name',
  bus: flow.bus.bus,
  pattern: { detailType: [AmiRequested.detailType] },
  // Shorter than LEASE_MS of shared/domain/request.ts, so that no live owner of a request is overtaken.
  timeout: Duration.seconds(60),
  batchSize: 10,
  // The deadline ends a request; this is only the backstop, and the most that SQS takes.
  maxReceiveCount: 1_000,
  environment: {
    ...requestEnvironment(flow),
    ACCOUNT_ID: Aws.ACCOUNT_ID,
    DEADLINE_MINUTES: String(flow.config.requests.deadlineMinutes),
    TIME_ZONE: flow.config.timeZone,
    REASON: flow.config.reason,
    NO_REBOOT: String(flow.config.noReboot),
    ALLOW_REBOOT: String(flow.config.publishers.allowReboot),
  },
  permissions: [
    describe('DescribeInstances', 'DescribeImages'),
    ...createImages(),
    useTable(flow.tables.requests, 'GetItem', 'PutItem'),
    putEvents(flow.bus.bus, AmiCreated, AmiFailed),
  ],
});

export const startWaiter = (
  { bus: { bus }, tables }: Flow,
  { stateMachine }: AvailabilityWaiter,
): Consumption => ({
  description: 'Starts a waiter for an image that has just been begun',
  bus,
  pattern: AmiCreated.ours(Aws.ACCOUNT_ID),
  timeout: Duration.seconds(30),
  environment: { REQUESTS_TABLE: tables.requests.tableName, WAITER_ARN: stateMachine.stateMachineArn },
  permissions: [
    useTable(tables.requests, 'GetItem'),
    allow(['states:StartExecution'], [stateMachine.stateMachineArn]),
  ],
});

/** EC2's own event, which only the default bus has. */
export const wakeWaiter = ({ tables }: Flow, { stateMachine }: AvailabilityWaiter): Consumption => ({
  description: "Lets an image's waiter look at once",
  pattern: { source: [Ec2AmiStateChange.source], detailType: [Ec2AmiStateChange.detailType] },
  timeout: Duration.seconds(30),
  environment: { REQUESTS_TABLE: tables.requests.tableName, WAITING_TABLE: tables.waiting.tableName },
  permissions: [
    useTable(tables.waiting, 'GetItem'),
    useTable(tables.requests, 'GetItem'),
    allow(['states:SendTaskSuccess'], [stateMachine.stateMachineArn]),
  ],
});

export const cleanUpName = (flow: Flow): Consumption => ({
  description: "Deletes an instance name's older images, now that it has a new one",
  bus: flow.bus.bus,
  pattern: AmiAvailable.ours(Aws.ACCOUNT_ID),
  timeout: Duration.minutes(5),
  environment: retentionEnvironment(flow),
  permissions: cleanUpPermissions(flow),
});

/** From any source, but of this account alone. */
export const restoreImage = (flow: Flow): Consumption => ({
  description: 'Brings an image back that retention deprecated, disabled or deleted',
  bus: flow.bus.bus,
  pattern: { account: [Aws.ACCOUNT_ID], detailType: [AmiRestoreRequested.detailType] },
  timeout: Duration.minutes(2),
  environment: {
    BUS_NAME: flow.bus.bus.eventBusName,
    RETIRED_TABLE: flow.tables.retired.tableName,
  },
  permissions: restorePermissions(flow),
});

type Announced = Notification['events'][number];

/** What a receiver is told, by the folder of the handler that tells it. */
export function toldTo({ events }: Notification): [folder: string, events: Announced[]][] {
  const folderOf = (event: Announced) =>
    Object.entries(TOLD_TOGETHER).find(([, together]) => together.some((each) => each === event))?.[0] ??
    event;
  return [...Map.groupBy(events, folderOf)];
}

/** One receiver, and one event or some that belong together: a slow receiver holds up only itself. */
export const notify = (
  { config, bus: { bus }, tables }: Flow,
  events: readonly Announced[],
  { urlParameter, kmsKeyArn }: Notification,
): Consumption => ({
  description: `Tells the receiver in ${urlParameter} of ${events.join(', ')}`,
  bus,
  pattern: { source: [OUR_SOURCE], account: [Aws.ACCOUNT_ID], detailType: [...events] },
  timeout: Duration.seconds(30),
  environment: {
    NOTIFIED_TABLE: tables.notified.tableName,
    RECORD_DAYS: recordDays(config),
    URL_PARAMETER: urlParameter,
  },
  permissions: [
    ...readSecret(urlParameter, kmsKeyArn),
    // An image is described before anyone is told of it.
    ...(events.some((event) => event === AmiAvailable.detailType) ? [describe('DescribeImages')] : []),
    useTable(tables.notified, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
  ],
});

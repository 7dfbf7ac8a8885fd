import { join } from 'node:path';
import { type App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { BAKES_FILE } from '../shared/domain/bake/spec.ts';
import { bakeAnew, failBuilder, giveUpBake, startBake } from './bake-consumers.ts';
import { asStandingBake, ownParametersOf } from './bake-schema.ts';
import { bakeEnvironment } from './bake-settings.ts';
import { type Files, withFiles } from './bundle.ts';
import type { Config } from './config-schema.ts';
import { Alarms } from './constructs/alarms.ts';
import { AvailabilityWaiter } from './constructs/availability-waiter.ts';
import { BakeWorkflow } from './constructs/bake-workflow.ts';
import { CleanupSchedule } from './constructs/cleanup-schedule.ts';
import { DeadLetters } from './constructs/dead-letters.ts';
import { DeletionSwitch } from './constructs/deletion-switch.ts';
import { type Consumption, EventConsumer } from './constructs/event-consumer.ts';
import { FollowSchedule } from './constructs/follow-schedule.ts';
import { LifecycleBus } from './constructs/lifecycle-bus.ts';
import { MoveWorkflow } from './constructs/move-workflow.ts';
import { RebootWindow } from './constructs/reboot-window.ts';
import { RecycleBin } from './constructs/recycle-bin.ts';
import { RequestApi } from './constructs/request-api.ts';
import { RequestTables } from './constructs/request-tables.ts';
import { RolloutWorkflow } from './constructs/rollout-workflow.ts';
import { StandingBakes } from './constructs/standing-bakes.ts';
import {
  cleanUpName,
  createImage,
  type Flow,
  notify,
  restoreImage,
  startWaiter,
  toldTo,
  wakeWaiter,
} from './consumers.ts';
import {
  requestBackupImage,
  rollBack,
  rollOut,
  setPointer,
  startMove,
  wakeRollout,
} from './rollout-consumers.ts';

export interface AmityStackProps {
  readonly config: Config;
  /** The folder of the bundled handlers. */
  readonly handlers: string;
}

/** Everything, in the order in which an image lives. */
export class AmityStack extends Stack {
  private readonly handlers: string;
  private readonly deadLetters: DeadLetters;
  private readonly folders: Record<string, Construct> = {};

  constructor(app: App, { config, handlers }: AmityStackProps) {
    super(app, config.stackName, { description: 'Amity: the whole life of machine images, as events' });
    this.handlers = handlers;
    const deadLetters = new DeadLetters(this, 'DeadLetters');
    this.deadLetters = deadLetters;
    const bus = new LifecycleBus(this, 'Bus', config);
    const tables = new RequestTables(this, 'Tables');
    const flow = { config, bus, tables };

    const api = new RequestApi(this, 'Http', {
      ...flow,
      code: this.code('http/request-ami'),
      authorizerCode: this.code('http/authorize'),
    });
    const creating = this.on('AmiRequested', 'CreateImage', createImage(flow));

    const bake = new BakeWorkflow(this, 'Bake', {
      ...flow,
      code: (step) => this.code(`bake/${kebab(step)}`),
    });
    const bakeApi = api.bake(this.code('http/bake-ami'), bakeEnvironment(config, bake.builders.name));
    const bakeConsumers = [
      this.on('AmiBakeRequested', 'StartBake', startBake(flow, bake)),
      this.on('Ec2InstanceStateChange', 'FailBuilder', failBuilder(flow, bake)),
      this.on('StatesExecutionChange', 'GiveUpBake', giveUpBake(flow, bake)),
    ];

    const waiter = new AvailabilityWaiter(this, 'Waiter', {
      ...flow,
      code: this.code('waiter/check-image'),
      concludeCode: this.code('waiter/conclude-validation'),
      bake,
    });
    const starting = this.on('AmiCreated', 'StartWaiter', startWaiter(flow, waiter));
    const waking = this.on('Ec2AmiStateChange', 'WakeWaiter', wakeWaiter(flow, waiter));

    for (const [index, receiver] of config.notifications.entries()) {
      const id = index === 0 ? 'Notify' : `Notify${index + 1}`;
      for (const [folder, events] of toldTo(receiver)) this.on(folder, id, notify(flow, events, receiver));
    }
    const { following } = this.rollOut(flow);
    this.move(flow);
    this.backUp(flow);

    const cleaning = this.on('AmiAvailable', 'CleanUp', cleanUpName(flow));
    const daily = new CleanupSchedule(this, 'Schedule', {
      ...flow,
      code: this.code('schedule/clean-up'),
      deadLetters,
    });
    const standing = this.bakeAnew(flow, daily);
    new DeletionSwitch(this, 'DeletionSwitch');
    const { recycleBinDays } = config.retention;
    if (recycleBinDays > 0) new RecycleBin(this, 'RecycleBin', { days: recycleBinDays });
    this.on('AmiRestoreRequested', 'RestoreImage', restoreImage(flow));

    if (config.alarms.enabled) {
      const alarms = new Alarms(this, 'Alarms', {
        config,
        deadLetters,
        createImage: creating,
        baking: {
          workflow: bake,
          around: [bakeApi, ...bakeConsumers].map((each) => each.function),
          standing,
        },
        waiter,
        daily,
        cleanUpName: cleaning.function,
        requestAmi: api.function,
        startWaiter: starting.function,
        wakeWaiter: waking.function,
      });
      this.output('AlarmTopicArn', alarms.topic.topicArn);
    }

    this.output('ApiUrl', api.url);
    this.output('BakeApiUrl', bakeApi.url);
    this.output('BusName', bus.bus.eventBusName);
    this.output('BusArn', bus.bus.eventBusArn);
    this.output('ArchiveArn', bus.archiveArn);
    this.output('WaiterArn', waiter.stateMachine.stateMachineArn);
    this.output('CleanUpFunctionName', daily.function.functionName);
    this.output('FollowNewestFunctionName', following.function.functionName);
    this.output('DeadLetterQueueUrl', deadLetters.queue.queueUrl);
    this.output('UndeliveredQueueUrl', deadLetters.undelivered.queueUrl);
  }

  /** What the configuration bakes again and again: at its time, and when a parameter of this account is written. */
  private bakeAnew(flow: Flow, schedule: Construct): StandingBakes | undefined {
    const { bakes } = flow.config;
    if (bakes.length === 0) return undefined;
    const file = { [BAKES_FILE]: JSON.stringify(bakes.map(asStandingBake)) };
    const standing = new StandingBakes(schedule, 'Bake', {
      ...flow,
      code: this.code('schedule/bake', file),
      deadLetters: this.deadLetters,
    });
    if (ownParametersOf(bakes).length > 0) this.on('SsmParameterChange', 'Bake', bakeAnew(flow), file);
    return standing;
  }

  /** What follows a name gets its newest image, and goes back. */
  private rollOut(flow: Flow) {
    const workflow = new RolloutWorkflow(this, 'Rollout', {
      ...flow,
      code: (step) => this.code(`rollout/${kebab(step)}`),
    });
    const consumers = [
      this.on('AmiAvailable', 'RollOut', rollOut(flow, workflow)),
      this.on('AmiAvailable', 'SetPointer', setPointer(flow)),
      this.on('AmiRollbackRequested', 'RollBack', rollBack(flow, workflow)),
      this.on('AutoScalingRefreshChange', 'WakeRollout', wakeRollout(flow, workflow)),
    ];
    const following = new FollowSchedule(this, 'FollowNewest', {
      ...flow,
      code: this.code('schedule/follow-newest'),
      workflow,
      deadLetters: this.deadLetters,
    });
    return { workflow, consumers, following };
  }

  private move(flow: Flow) {
    const workflow = new MoveWorkflow(this, 'Move', {
      ...flow,
      code: (step) => this.code(`move/${kebab(step)}`),
    });
    return { workflow, starting: this.on('AmiMoveRequested', 'StartMove', startMove(flow, workflow)) };
  }

  /** Consistent images of what AWS Backup has backed up, in the window for reboots. */
  private backUp(flow: Flow): EventConsumer {
    const { stackName, backup } = flow.config;
    const window = backup.rebootWindow
      ? new RebootWindow(this, 'RebootWindow', { stackName, ...flow, deadLetters: this.deadLetters })
      : undefined;
    return this.on('BackupJobStateChange', 'RequestImage', requestBackupImage(flow, window));
  }

  /** `AmiAvailable` and `Notify2` are the handler `ami-available/notify`, and the construct `AmiAvailable/Notify2`. */
  private on(event: string, action: string, consumption: Consumption, files?: Files): EventConsumer {
    this.folders[event] ??= new Construct(this, event);
    return new EventConsumer(this.folders[event], action, {
      ...consumption,
      code: this.code(`${kebab(event)}/${kebab(action.replace(/\d+$/, ''))}`, files),
      deadLetters: this.deadLetters,
    });
  }

  private code(handler: string, files?: Files): Code {
    const bundled = join(this.handlers, handler);
    return Code.fromAsset(files ? withFiles(bundled, files) : bundled);
  }

  private output(name: string, value: string): void {
    new CfnOutput(this, name, { value });
  }
}

const kebab = (name: string) => name.replace(/(?<=[a-z0-9])[A-Z]/g, '-$&').toLowerCase();

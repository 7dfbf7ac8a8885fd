import { type App, CfnOutput, Stack } from 'aws-cdk-lib';
import { bakeEnvironment } from './bake-settings.ts';
import type { Config } from './config-schema.ts';
import { Alarms } from './constructs/alarms.ts';
import { AvailabilityWaiter } from './constructs/availability-waiter.ts';
import { CleanupSchedule } from './constructs/cleanup-schedule.ts';
import { DeadLetters } from './constructs/dead-letters.ts';
import { DeletionSwitch } from './constructs/deletion-switch.ts';
import { LifecycleBus } from './constructs/lifecycle-bus.ts';
import { RecycleBin } from './constructs/recycle-bin.ts';
import { RequestApi } from './constructs/request-api.ts';
import { RequestTables } from './constructs/request-tables.ts';
import { cleanUpName, createImage, restoreImage, startWaiter, wakeWaiter } from './consumers.ts';
import { bakes, followNewest, moves, notifications, rollouts, standingBakes } from './flows.ts';
import { Wiring } from './wiring.ts';

export interface AmityStackProps {
  readonly config: Config;
  /** The folder of the bundled handlers. */
  readonly handlers: string;
}

/** Everything, in the order in which an image lives. */
export class AmityStack extends Stack {
  constructor(app: App, { config, handlers }: AmityStackProps) {
    super(app, config.stackName, { description: 'Amity: the whole life of machine images, as events' });
    const deadLetters = new DeadLetters(this, 'DeadLetters');
    const wiring = new Wiring({ stack: this, handlers, deadLetters });
    const bus = new LifecycleBus(this, 'Bus', config);
    const tables = new RequestTables(this, 'Tables');
    const flow = { config, bus, tables };

    const api = new RequestApi(this, 'Http', {
      ...flow,
      code: wiring.code('http/request-ami'),
      authorizerCode: wiring.code('http/authorize'),
    });
    const creating = wiring.on('AmiRequested', 'CreateImage', createImage(flow));

    const bake = bakes(wiring, flow);
    const bakeApi = api.bake(
      wiring.code('http/bake-ami'),
      bakeEnvironment(config, bake.workflow.builders.name),
    );

    const waiter = new AvailabilityWaiter(this, 'Waiter', {
      ...flow,
      code: wiring.code('waiter/check-image'),
      concludeCode: wiring.code('waiter/conclude-validation'),
      bake: bake.workflow,
    });
    const starting = wiring.on('AmiCreated', 'StartWaiter', startWaiter(flow, waiter));
    const waking = wiring.on('Ec2AmiStateChange', 'WakeWaiter', wakeWaiter(flow, waiter));

    notifications(wiring, flow);
    const rolling = rollouts(wiring, flow);
    const moving = moves(wiring, flow);

    const cleaning = wiring.on('AmiAvailable', 'CleanUp', cleanUpName(flow));
    const daily = new CleanupSchedule(this, 'Schedule', {
      ...flow,
      code: wiring.code('schedule/clean-up'),
      deadLetters,
    });
    const standing = standingBakes(wiring, flow, daily);
    const following = followNewest(wiring, flow, daily, rolling.workflow);
    new DeletionSwitch(this, 'DeletionSwitch');
    const { recycleBinDays } = config.retention;
    if (recycleBinDays > 0) new RecycleBin(this, 'RecycleBin', { days: recycleBinDays });
    wiring.on('AmiRestoreRequested', 'RestoreImage', restoreImage(flow));

    if (config.alarms.enabled) {
      const alarms = new Alarms(this, 'Alarms', {
        config,
        deadLetters,
        createImage: creating,
        baking: {
          workflow: bake.workflow,
          around: [bakeApi, ...bake.consumers].map((each) => each.function),
          standing,
        },
        rolling: { ...rolling, daily: following },
        moving,
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

  private output(name: string, value: string): void {
    new CfnOutput(this, name, { value });
  }
}

import { Aws, Duration } from 'aws-cdk-lib';
import { Policy } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { AmiCreated } from '../../shared/events/ami-created.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import {
  BUILDERS,
  readBaseImages,
  runBuilders,
  seeConsoles,
  stopBuilders,
  takeBuildersAway,
} from '../bake-permissions.ts';
import { bakeEnvironment } from '../bake-settings.ts';
import { type Flow, requestEnvironment } from '../consumers.ts';
import { createImages, describe } from '../ec2-permissions.ts';
import { allow, putEvents, useTable } from '../permissions.ts';
import { AmityFunction, type AmityFunctionProps } from './amity-function.ts';
import { AmityStateMachine } from './amity-state-machine.ts';
import { bakeDefinition } from './bake-states.ts';
import { BuilderProfile } from './builder-profile.ts';

export interface BakeWorkflowProps extends Flow {
  /** Of a step, by its name. */
  readonly code: (step: string) => Code;
}

type Step = Omit<AmityFunctionProps, 'code' | 'timeout'> & { readonly timeout?: Duration };

/** One execution for each builder: of a bake, and of the validation of what was baked. */
export class BakeWorkflow extends Construct {
  readonly stateMachine: AmityStateMachine;
  readonly builders: BuilderProfile;
  /** All the steps, each with what it may do. */
  readonly steps: readonly AmityFunction[];

  private readonly code: BakeWorkflowProps['code'];

  constructor(scope: Construct, id: string, props: BakeWorkflowProps) {
    super(scope, id);
    const { config, bus, tables } = props;
    this.code = props.code;
    this.builders = new BuilderProfile(this, 'Builder', config.bake);
    const settings = bakeEnvironment(config, this.builders.name);
    const requests = { REQUESTS_TABLE: tables.requests.tableName };
    const readRequests = useTable(tables.requests, 'GetItem');
    const settle = [
      useTable(tables.requests, 'GetItem', 'PutItem'),
      putEvents(bus.bus, AmiCreated, AmiFailed),
    ];

    const checkBaseImage = this.step('CheckBaseImage', {
      description: 'Finds the base image of a bake, and whether a builder can be started from it',
      environment: { ...settings, ...requests, ACCOUNT_ID: Aws.ACCOUNT_ID },
      permissions: [describe('DescribeImages', 'DescribeInstanceTypes'), ...readBaseImages(), readRequests],
    });
    const runBuilder = this.step('RunBuilder', {
      description: 'Starts the builder of a bake, which then signals the workflow',
      // EC2 is asked several times before a subnet is given up.
      timeout: Duration.minutes(5),
      environment: {
        ...settings,
        ...requests,
        WAITING_TABLE: tables.waiting.tableName,
        STATES_ENDPOINT: `https://states.${Aws.REGION}.${Aws.URL_SUFFIX}`,
      },
      permissions: [
        ...runBuilders(this.builders.roleArns, config.bake),
        readRequests,
        useTable(tables.waiting, 'PutItem'),
      ],
    });
    const stopBuilder = this.step('StopBuilder', {
      description: 'Stops the builder of a bake before it is imaged',
      environment: {},
      permissions: stopBuilders(),
    });
    const createImage = this.step('CreateImage', {
      description: 'Images the builder of a bake',
      timeout: Duration.minutes(1),
      environment: requestEnvironment(props),
      permissions: [describe('DescribeImages'), ...createImages(BUILDERS), ...settle],
    });
    const tearDown = this.step('TearDown', {
      description: 'Takes the builder of a bake away, and keeps what its console showed',
      environment: {},
      permissions: [...takeBuildersAway(), seeConsoles()],
    });
    const giveUp = this.step('GiveUp', {
      description: 'Ends a request whose bake failed, and says why',
      environment: requestEnvironment(props),
      // An image that was begun without our knowing counts.
      permissions: [describe('DescribeImages'), ...settle],
    });
    this.steps = [checkBaseImage, runBuilder, stopBuilder, createImage, tearDown, giveUp];
    this.stateMachine = new AmityStateMachine(this, 'StateMachine', {
      definition: bakeDefinition({
        partition: Aws.PARTITION,
        checkBaseImageArn: checkBaseImage.functionArn,
        runBuilderArn: runBuilder.functionArn,
        stopBuilderArn: stopBuilder.functionArn,
        createImageArn: createImage.functionArn,
        tearDownArn: tearDown.functionArn,
        giveUpArn: giveUp.functionArn,
      }),
      logName: 'bake',
      // The data holds the task tokens.
      logData: false,
      permissions: [
        allow(
          ['lambda:InvokeFunction'],
          this.steps.map(({ functionArn }) => functionArn),
        ),
      ],
    });
    const { stateMachineArn } = this.stateMachine;
    this.builders.letSignal(allow(['states:SendTaskSuccess', 'states:SendTaskFailure'], [stateMachineArn]));
    // A policy of its own: the state machine waits for the function, and the function for the policies within its role.
    new Policy(this, 'RunBuilderMaySignal', {
      statements: [allow(['states:SendTaskFailure'], [stateMachineArn])],
      roles: runBuilder.role ? [runBuilder.role] : [],
    });
  }

  private step(name: string, step: Step): AmityFunction {
    return new AmityFunction(this, name, { timeout: Duration.seconds(30), ...step, code: this.code(name) });
  }
}

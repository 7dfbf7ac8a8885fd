import { Aws } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { allow } from '../permissions.ts';
import type { AmityFunction } from './amity-function.ts';
import { AmityStateMachine } from './amity-state-machine.ts';
import { cleanupDefinition } from './cleanup-states.ts';

/** One run of the clean-up: calls the function until nothing is left to do. */
export class CleanupRun extends Construct {
  readonly stateMachine: AmityStateMachine;

  constructor(scope: Construct, id: string, cleanUp: AmityFunction) {
    super(scope, id);
    const cleanUpArn = cleanUp.functionArn;
    this.stateMachine = new AmityStateMachine(this, 'StateMachine', {
      definition: cleanupDefinition({ partition: Aws.PARTITION, cleanUpArn }),
      logName: 'clean-up',
      // Which run it was, how much it did, and what failed.
      logData: true,
      permissions: [allow(['lambda:InvokeFunction'], [cleanUpArn])],
    });
  }
}

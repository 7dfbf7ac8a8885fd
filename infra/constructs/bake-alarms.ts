import { Duration } from 'aws-cdk-lib';
import { type AlarmRule, PERIOD, total, unfinished } from './alarm-rule.ts';
import type { AmityFunction } from './amity-function.ts';
import type { BakeWorkflow } from './bake-workflow.ts';
import type { StandingBakes } from './standing-bakes.ts';

export interface Baking {
  readonly workflow: BakeWorkflow;
  /** What takes requests, begins their workflows and watches over those. */
  readonly around: readonly AmityFunction[];
  /** Where the configuration bakes anything again and again. */
  readonly standing: StandingBakes | undefined;
}

export const bakeAlarms = ({ workflow, around, standing }: Baking): Record<string, AlarmRule> => ({
  BakeFailed: {
    metric: total(unfinished(workflow.stateMachine), PERIOD),
    description:
      'A workflow of a bake broke, or somebody stopped it: one whose script failed ends well, with AmiFailed. What it ' +
      'started is taken away all the same, and its request ends as AmiFailed. Open the execution, put right what it ' +
      'names, and ask for the bake again.',
  },
  BakeCrashing: {
    metric: total(
      [...around, ...workflow.steps].map((each) => each.metricErrors()),
      Duration.minutes(15),
    ),
    periods: 3,
    description:
      'A function of the bakes crashes or runs out of time, again and again for 45 minutes. Requests wait, or end as ' +
      'AmiFailed with the code bake-error. The metrics of this alarm show which function it is, and its log why.',
  },
  ...(standing && {
    BakeNotAsked: {
      metric: standing.function.metricErrors({ period: PERIOD }),
      description:
        'A bake of the configuration was not asked for at its time, or only at the second or third try: the log of the ' +
        'function schedule/bake says which, and why. Nobody asks for it before its next time: post it to BakeApiUrl.',
    },
  }),
});

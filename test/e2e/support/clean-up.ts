import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { AmiCleaned } from '../../../shared/events/ami-cleaned.ts';
import { envelopes, seen, until } from './flow.ts';
import { resourcesOf } from './roles.ts';
import type { Session } from './session.ts';

/** Calls the deployed clean-up; without a payload, as somebody does by hand: a whole run in one call. */
export async function callCleanUp({ aws, outputs }: Session, payload: object = {}) {
  const client = new LambdaClient({ ...aws.clientConfig, maxAttempts: 1 });
  const answer = await client.send(
    new InvokeCommand({ FunctionName: outputs.CleanUpFunctionName, Payload: JSON.stringify(payload) }),
  );
  return { failed: answer.FunctionError, body: answer.Payload?.transformToString() ?? '' };
}

/** All that the parts of a run's report say together; waits for it. */
export async function reportOf(session: Session, runId: string): Promise<AmiCleaned> {
  const parts = () => seen(session, 'AmiCleaned').filter((each) => each.runId === runId);
  const first = await until(`AmiCleaned of ${runId}`, () => {
    const [one] = parts();
    return one && parts().length === one.parts ? one : undefined;
  });
  const all = parts();
  return {
    ...first,
    deleted: all.flatMap(({ deleted }) => deleted),
    kept: all.flatMap(({ kept }) => kept),
    failed: all.flatMap(({ failed }) => failed),
    deprecated: all.flatMap(({ deprecated = [] }) => deprecated),
    disabled: all.flatMap(({ disabled = [] }) => disabled),
  };
}

/** One run of one call, and what it reports. */
export async function cleanUp(session: Session, payload: object = {}): Promise<AmiCleaned> {
  const runId = `test-${randomUUID()}`;
  const { failed, body } = await callCleanUp(session, { runId, last: true, ...payload });
  if (failed) throw new Error(body);
  return reportOf(session, runId);
}

/** What a report says became of each image: `deleted`, or why it was kept. */
export const fates = ({ deleted, kept, deprecated = [], disabled = [] }: AmiCleaned): Map<string, string> =>
  new Map([
    ...deleted.map(({ imageId }): [string, string] => [imageId, 'deleted']),
    ...disabled.map(({ imageId }): [string, string] => [imageId, 'disabled']),
    ...deprecated.map(({ imageId }): [string, string] => [imageId, 'deprecated']),
    ...kept.map(({ imageId, reason }): [string, string] => [imageId, reason]),
  ]);

/** How often a run was told. */
export const timesTold = (session: Session, runId: string): number =>
  envelopes(session, 'AmiCleaned').filter(({ detail }) => (detail as AmiCleaned).runId === runId).length;

/** The state machine that the schedule starts. */
export const cleanUpMachine = (session: Session): Promise<string> => machineOf(session, 'ScheduleRun');

/** A state machine, by its place in the stack: `Waiter`, `Bake`, `ScheduleRun`. */
export async function machineOf(session: Session, place: string): Promise<string> {
  const { [`${place}StateMachine`]: arn } = await resourcesOf(session, 'AWS::StepFunctions::StateMachine');
  if (!arn) throw new Error(`There is no state machine ${place}`);
  return arn;
}

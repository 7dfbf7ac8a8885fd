import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { NIGHTLY, OWN, session, YEARLY } from '../support/bake-session.ts';
import { BASE_IMAGE, startsOf, untilAws } from '../support/bakes.ts';
import { announced, settle, until, untilSeen } from '../support/flow.ts';
import { resourcesOf } from '../support/roles.ts';

/** A base image of this account, of its own for each test. */
const baseImage = async (name: string) => (await session.aws.control.addImage({ name })).imageId;

/** Calls the function as the schedule does. */
async function itIsTimeFor({ instanceName }: typeof YEARLY, scheduledTime: string): Promise<void> {
  const { ScheduleBake: FunctionName } = await resourcesOf(session, 'AWS::Lambda::Function');
  const Payload = JSON.stringify({ instanceName, scheduledTime });
  const { FunctionError, Payload: answer } = await new LambdaClient(session.aws.clientConfig).send(
    new InvokeCommand({ FunctionName, Payload }),
  );
  if (FunctionError) throw new Error(answer?.transformToString());
}

const requests = (instanceName: string) => announced(session, 'AmiBakeRequested', instanceName);
const images = (instanceName: string) => announced(session, 'AmiAvailable', instanceName);

describe.concurrent('a standing bake', () => {
  it('is baked by its schedule', async () => {
    const image = await untilSeen(session, 'AmiAvailable', NIGHTLY.instanceName, 170);
    expect(image).toMatchObject({ baseImageId: BASE_IMAGE, requestId: expect.stringMatching(/^bake-/) });
    // Later, at the next minutes, it has nothing new.
    const asked = requests(NIGHTLY.instanceName).length;
    const looks = async () =>
      (await session.aws.control.calls({ service: 'ssm', action: 'GetParameter' })).filter(
        ({ params }) => params.Name === NIGHTLY.parameter,
      ).length;
    const before = await looks();
    await untilAws('the next minute', async () => (await looks()) > before, 90);
    await settle(2);
    expect(requests(NIGHTLY.instanceName)).toHaveLength(asked);
  }, 300_000);

  it('of a base image that has not changed is not baked again; of one that has, it is', async () => {
    const { instanceName, parameter } = YEARLY;
    await itIsTimeFor(YEARLY, '2026-01-01T00:00:00Z');
    await untilSeen(session, 'AmiAvailable', instanceName, 100);
    await itIsTimeFor(YEARLY, '2027-01-01T00:00:00Z');
    expect(requests(instanceName)).toHaveLength(1);

    const newer = await baseImage('a-newer-base');
    await session.aws.control.builders.setPublicParameter(parameter, newer);
    await itIsTimeFor(YEARLY, '2028-01-01T00:00:00Z');
    // Told twice of one time, as Scheduler may: one request.
    await itIsTimeFor(YEARLY, '2028-01-01T00:00:00Z');
    await until('the second image', () => images(instanceName).length === 2, 100);
    expect(images(instanceName).map(({ baseImageId }) => baseImageId)).toEqual([BASE_IMAGE, newer]);
    await itIsTimeFor(YEARLY, '2029-01-01T00:00:00Z');
    expect(new Set(requests(instanceName).map(({ requestId }) => requestId)).size).toBe(2);
    expect(await startsOf(session, instanceName)).toHaveLength(2);
  }, 240_000);

  it('of a parameter of this account is baked when that is written', async () => {
    const { instanceName, parameter: Name } = OWN;
    const Value = await baseImage('an-own-base');
    const ssm = new SSMClient(session.aws.clientConfig);
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }));
    await ssm.send(new PutParameterCommand({ Name: `${Name}-other`, Value, Type: 'String' }));
    expect(await untilSeen(session, 'AmiAvailable', instanceName, 100)).toMatchObject({ baseImageId: Value });
    expect(requests(instanceName)).toHaveLength(1);
  });
});

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { SendTaskFailureCommand, SendTaskSuccessCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { publishRequest } from '../../../local/story.ts';
import { session } from '../support/bake-session.ts';
import { requestBake, untilAws, untilBegun, untilBuilder, WAITS } from '../support/bakes.ts';
import { machineOf } from '../support/clean-up.ts';
import { untilSeen } from '../support/flow.ts';
import { clientsOf, outcomeOf, resourcesOf } from '../support/roles.ts';

/** The token with which the waiter of an image waits that stays pending. */
async function tokenOfWaiter(name: string): Promise<string> {
  const { control, clientConfig } = session.aws;
  await control.startInstance({ name });
  await control.setPending(null, { instance: name });
  await publishRequest(session, { instanceName: name });
  const { imageId } = await untilSeen(session, 'AmiCreated', name);
  const { TablesWaiting: TableName } = await resourcesOf(session, 'AWS::DynamoDB::Table');
  const ask = new GetItemCommand({ TableName, Key: { id: { S: imageId } } });
  const token = await untilAws('its token', async () => {
    const { Item } = await new DynamoDBClient(clientConfig).send(ask);
    return Item?.taskToken?.S;
  });
  await control.changeImage(imageId, { state: 'available' });
  return token;
}

describe.concurrent("a builder's role", () => {
  it('may end the task of its own workflow, and no other', async () => {
    const { BakeBuilder: role = '' } = await resourcesOf(session, 'AWS::IAM::Role');
    const { sfn, ec2 } = await clientsOf(session, role);
    const waiters = await tokenOfWaiter('role-waiter');
    const output = '{}';
    await requestBake(session, 'role-bake', { userData: WAITS });
    const { token } = await untilBegun(session, (await untilBuilder(session, 'role-bake')).instanceId);
    const stateMachineArn = await machineOf(session, 'Bake');

    expect([
      await outcomeOf(sfn.send(new SendTaskSuccessCommand({ taskToken: waiters, output }))),
      await outcomeOf(sfn.send(new SendTaskFailureCommand({ taskToken: waiters }))),
      await outcomeOf(sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }))),
      await outcomeOf(ec2.send(new DescribeInstancesCommand({}))),
    ]).toEqual(['denied', 'denied', 'denied', 'denied']);
    expect(await outcomeOf(sfn.send(new SendTaskSuccessCommand({ taskToken: token, output })))).toBe(
      'allowed',
    );
    await untilSeen(session, 'AmiAvailable', 'role-bake', 100);
  });
});

import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ssm-parameter-change/bake.ts';
import { BASE_IMAGE } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { envelope, sqsRecord } from '../../support/events.ts';
import { image } from '../../support/fake-ec2.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
vi.mock('../../../shared/runtime/standing-bakes.ts', () => import('../../support/standing-bakes.ts'));

const ssm = mockClient(SSMClient);
let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
  ssm.reset();
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: BASE_IMAGE } });
});

const written = (name: string, id = 'first', detail: object = {}) =>
  sqsRecord(
    envelope({
      id,
      source: 'aws.ssm',
      'detail-type': 'Parameter Store Change',
      detail: { operation: 'Update', name, type: 'String', description: '', ...detail },
    }),
    { messageId: id },
  );
const asked = () => world.bus.of('AmiBakeRequested');

it('asks for every bake whose base image is behind the parameter, and for no other', async () => {
  expect(await deliver(handler, [written('/golden/web')])).toEqual([]);
  expect(asked().map(({ instanceName }) => instanceName)).toEqual(['service-web', 'service-api']);
});

it.each(['/golden', '/golden/web/2', BASE_IMAGE, ''])('asks for none of %j', async (name) => {
  expect(await deliver(handler, [written(name)])).toEqual([]);
  expect(asked()).toEqual([]);
});

it('asks only for those that are to be baked anew whatever has changed', async () => {
  const tags = { 'amity:instance-name': 'service-web', 'amity:base-image': BASE_IMAGE };
  world.ec2.images.push(image({ tags }));
  await deliver(handler, [written('/golden/web')]);
  expect(asked().map(({ instanceName }) => instanceName)).toEqual(['service-api']);
});

it('one event is one request for each, however often it is delivered; the next is another', async () => {
  for (const id of ['first', 'first', 'second']) await deliver(handler, [written('/golden/worker', id)]);
  const [one, again, next] = asked().map(({ requestId }) => requestId);
  expect(again).toBe(one);
  expect(next).not.toBe(one);
});

it('what the bus refuses comes again, under the same ids', async () => {
  let round = 0;
  world.bus.refuses = ({ Detail = '' }) => Detail.includes('service-api') && round++ < 4;
  expect(await deliver(handler, [written('/golden/web')])).toEqual(['first']);
  expect(await deliver(handler, [written('/golden/web')])).toEqual([]);
  const [one, again] = asked().filter(({ instanceName }) => instanceName === 'service-web');
  expect(again).toEqual(one);
  expect(asked()).toHaveLength(3);
});

it('SSM down: again later', async () => {
  ssm.on(GetParameterCommand).rejects(new Error('down'));
  expect(await deliver(handler, [written('/golden/worker')])).toEqual(['first']);
  expect(asked()).toEqual([]);
});

it('a detail that is none comes back until it is a dead letter', async () => {
  const broken = written('/golden/web', 'broken', { name: undefined });
  expect(await deliver(handler, [broken])).toEqual(['broken']);
});

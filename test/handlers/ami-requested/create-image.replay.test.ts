import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-requested/create-image.ts';
import type { Envelope } from '../../../shared/events/event.ts';
import { HOUR, passes, stopClock } from '../../support/clock.ts';
import { envelope, request } from '../../support/events.ts';
import { image, instance } from '../../support/fake-ec2.ts';
import { deliver, World } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: World;
beforeEach(() => {
  world = new World();
});

const replayed = (name: string, of: Envelope = envelope()): Envelope => ({
  ...of,
  'replay-name': name,
  id: name,
});
const outcomes = () => world.bus.published.map(({ type, detail }) => `${type} ${detail.attempt}`);

/** What the waiter does when EC2 gives an image up: image and record say failed. */
function imageFails(index = 0): void {
  const made = world.ec2.images[index];
  if (made) made.State = 'failed';
  for (const [key, item] of world.table.items) {
    if (key.startsWith('requests/request#')) {
      const failure = { code: 'image-failed', message: 'gone' };
      world.table.items.set(key, { ...item, state: 'failed', failure, version: Number(item.version) + 1 });
    }
  }
}

describe('a replay after success', () => {
  it('repeats nothing, whatever the envelope id', async () => {
    await deliver(handler, [envelope()]);
    passes(HOUR);
    expect(await deliver(handler, [replayed('one'), replayed('two')])).toEqual([]);
    expect(outcomes()).toEqual(['AmiCreated 1']);
    expect(world.ec2.images).toHaveLength(1);
  });

  it('repeats nothing when the image was cleaned meanwhile', async () => {
    await deliver(handler, [envelope()]);
    world.ec2.images.length = 0;
    passes(HOUR);
    await deliver(handler, [replayed('one')]);
    expect(outcomes()).toEqual(['AmiCreated 1']);
    expect(world.ec2.creations).toHaveLength(1);
  });
});

describe('a replay after a failure', () => {
  beforeEach(async () => {
    world.ec2.instances = [];
    await deliver(handler, [envelope()]);
    passes(HOUR);
  });

  it('tries once more for each replay name', async () => {
    await deliver(handler, [replayed('one')]);
    await deliver(handler, [replayed('one')]);
    await deliver(handler, [replayed('two')]);
    expect(outcomes()).toEqual(['AmiFailed 1', 'AmiFailed 2', 'AmiFailed 3']);
  });

  it('is no mere duplicate: that one does nothing', async () => {
    await deliver(handler, [envelope(), envelope()]);
    expect(outcomes()).toEqual(['AmiFailed 1']);
  });

  it('makes the image when the instance is back', async () => {
    world.ec2.instances = [instance()];
    await deliver(handler, [replayed('one')]);
    passes(HOUR);
    await deliver(handler, [replayed('one'), replayed('two')]);
    expect(outcomes()).toEqual(['AmiFailed 1', 'AmiCreated 2']);
    expect(world.ec2.images.map(({ Name }) => Name)).toEqual(['service-api-Deploy-2025-06-05_12_00']);
  });

  it.each(['pending', 'available'])(
    'is superseded by a younger %s image of the name: no image, no event',
    async (state) => {
      world.ec2.instances = [instance()];
      const tags = { 'amity:instance-name': 'service-api', 'amity:request-id': 'another' };
      world.ec2.images.push(image({ state, tags, createdAt: '2025-06-05T12:30:00.000Z' }));
      expect(await deliver(handler, [replayed('one')])).toEqual([]);
      passes(HOUR);
      await deliver(handler, [replayed('two')]);
      expect(outcomes()).toEqual(['AmiFailed 1']);
      expect(world.ec2.creations).toEqual([]);
      expect(world.requests).toMatchObject([{ state: 'superseded' }]);
    },
  );

  it.each([
    ['failed', { state: 'failed' }],
    ['older', { createdAt: '2025-06-05T11:00:00.000Z' }],
    ['of another name', { tags: { 'amity:instance-name': 'service-worker' } }],
  ])('is not superseded by an image that is %s', async (_, facts) => {
    world.ec2.instances = [instance()];
    const tags = { 'amity:instance-name': 'service-api' };
    world.ec2.images.push(image({ tags, createdAt: '2025-06-05T12:30:00.000Z', ...facts }));
    await deliver(handler, [replayed('one')]);
    expect(outcomes()).toEqual(['AmiFailed 1', 'AmiCreated 2']);
  });
});

describe('a replay after the image itself failed', () => {
  beforeEach(async () => {
    await deliver(handler, [envelope()]);
    imageFails();
    passes(HOUR);
  });

  it('takes the name of its own attempt beside the failed image', async () => {
    await deliver(handler, [replayed('one')]);
    expect(world.ec2.images.map(({ Name }) => Name)).toEqual([
      'service-api-Deploy-2025-06-05_12_00',
      'service-api-Deploy-2025-06-05_12_00-r2',
    ]);
    expect(outcomes()).toEqual(['AmiCreated 1', 'AmiCreated 2']);
  });

  it('takes the next attempt’s name when that image failed too', async () => {
    await deliver(handler, [replayed('one')]);
    imageFails(1);
    passes(HOUR);
    await deliver(handler, [replayed('two')]);
    expect(world.bus.of('AmiCreated').at(-1)).toMatchObject({
      attempt: 3,
      imageName: 'service-api-Deploy-2025-06-05_12_00-r3',
    });
  });

  it('adopts the image when it became available after all', async () => {
    const [made] = world.ec2.images;
    if (made) made.State = 'available';
    await deliver(handler, [replayed('one')]);
    expect(world.ec2.images).toHaveLength(1);
    expect(world.bus.of('AmiCreated')).toMatchObject([
      { attempt: 1 },
      { attempt: 2, imageId: made?.ImageId },
    ]);
  });
});

describe('a detail that is no request', () => {
  it.each([
    ['null', null],
    ['a list', []],
    ['a list of requests', [{ instanceName: 'service-api' }]],
    ['a number', 7],
    ['a string', 'service-api'],
    ['empty', {}],
    ['of another language', { instance_name: 'service-api' }],
    ['a name that is no string', { instanceName: 5 }],
    ['an empty name', { instanceName: '' }],
    ['an over-long name', { instanceName: 'x'.repeat(256) }],
    ['a control character', { instanceName: 'service\u0007api' }],
    ['a wrong request id', { instanceName: 'service-api', requestId: 'no spaces' }],
    ['a reserved tag', { instanceName: 'service-api', tags: { 'amity:instance-name': 'other' } }],
    ['a prototype', JSON.parse('{"__proto__":{"instanceName":"service-api"}}')],
  ])('%s: one AmiFailed, and none again', async (_, detail) => {
    expect(await deliver(handler, [envelope({ detail })])).toEqual([]);
    passes(HOUR);
    expect(await deliver(handler, [envelope({ detail }), replayed('one', envelope({ detail }))])).toEqual([]);
    expect(world.bus.published).toMatchObject([
      { type: 'AmiFailed', detail: { code: 'invalid-request', attempt: 1, requestId: expect.any(String) } },
    ]);
    expect(world.ec2.creations).toEqual([]);
  });

  it('names every wrong field and who sent it', async () => {
    await deliver(handler, [
      request({ instanceName: 5, noReboot: 'yes', tags: [] }, { account: '111122223333' }),
    ]);
    const [{ message } = { message: '' }] = world.bus.of('AmiFailed');
    for (const part of ['/instanceName', '/noReboot', '/tags', 'release-train', '111122223333']) {
      expect(message).toContain(part);
    }
  });

  it('keeps the id of a request it may belong to, and does not shadow it', async () => {
    await deliver(handler, [request({ requestId: 'mine', instanceName: '' })]);
    await deliver(handler, [request({ requestId: 'mine' })]);
    expect(world.bus.published.map(({ type, detail }) => [type, detail.requestId])).toEqual([
      ['AmiFailed', 'mine'],
      ['AmiCreated', 'mine'],
    ]);
  });

  it('ignores fields that it does not know', async () => {
    await deliver(handler, [request({ later: { version: 2 } })]);
    expect(outcomes()).toEqual(['AmiCreated 1']);
  });
});

describe('a request id used for another instance name', () => {
  it('is refused once, and the first request is left alone', async () => {
    world.ec2.instances.push(instance({ id: 'i-other', name: 'service-worker' }));
    const second = request({ requestId: 'mine', instanceName: 'service-worker' });
    await deliver(handler, [request({ requestId: 'mine' })]);
    await deliver(handler, [second]);
    passes(HOUR);
    await deliver(handler, [second, replayed('one', second)]);
    expect(world.bus.published).toMatchObject([
      { type: 'AmiCreated', detail: { instanceName: 'service-api' } },
      { type: 'AmiFailed', detail: { code: 'request-id-reused', requestId: 'mine' } },
    ]);
  });
});

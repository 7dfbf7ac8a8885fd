import type { Image } from '@aws-sdk/client-ec2';
import type { RequestRecord } from '../../shared/domain/request.ts';
import { BASE_IMAGE, bakeRecord } from './bake-record.ts';
import { FakeBuilders } from './fake-builders.ts';
import { image } from './fake-ec2.ts';
import { FakeStates } from './fake-states.ts';
import { World } from './world.ts';

/** Everything that bakes touch, in memory. */
export class BakeWorld extends World {
  readonly builders = new FakeBuilders(this.calls, this.ec2);
  readonly states = new FakeStates(this.calls);
  readonly executions = this.states.executions;
  readonly ended = this.states.ended;
  readonly failedTasks = this.states.failedTasks;

  constructor() {
    super();
    this.ec2.instances = [];
  }

  /** A request that is known. */
  knows(overrides: Parameters<typeof bakeRecord>[0] = {}): RequestRecord {
    const known = bakeRecord(overrides);
    this.table.items.set(`requests/${known.key}`, JSON.parse(JSON.stringify(known)));
    return known;
  }

  /** An image that builders may be started from, with a root disk of 8 GiB. */
  hasBaseImage(overrides: Partial<Image> = {}): Image {
    const base: Image = {
      ...image({ id: BASE_IMAGE, name: 'al2023' }),
      OwnerId: '137112412989',
      ImageOwnerAlias: 'amazon',
      Architecture: 'x86_64',
      RootDeviceType: 'ebs',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-0ba5e', VolumeSize: 8 } }],
      ...overrides,
    };
    this.ec2.images.push(base);
    return base;
  }

  /** What was told of an attempt, in order. */
  get told(): string[] {
    return this.bus.published.map(({ type, detail }) => `${type} ${detail.attempt}`);
  }
}

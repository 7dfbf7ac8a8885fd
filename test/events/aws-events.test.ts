import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AutoScalingRefreshChange } from '../../shared/events/auto-scaling-refresh-change.ts';
import { BackupJobStateChange } from '../../shared/events/backup-job-state-change.ts';
import { Ec2InstanceStateChange } from '../../shared/events/ec2-instance-state-change.ts';
import { Envelope } from '../../shared/events/event.ts';
import { SsmParameterChange } from '../../shared/events/ssm-parameter-change.ts';
import { StatesExecutionChange } from '../../shared/events/states-execution-change.ts';
import { example } from '../support/events.ts';

const KNOWN = [
  {
    name: 'ec2-instance-state-change',
    event: Ec2InstanceStateChange,
    read: { instanceId: 'i-0fedcba9876543210', state: 'shutting-down' },
    wanted: ['instance-id', 'state'],
  },
  {
    name: 'states-execution-change',
    event: StatesExecutionChange,
    read: {
      name: '4c0bd7a6f8a5e1d0b5b0c3f6a1d2e3f4-1',
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:AmityBake',
      status: 'ABORTED',
      input: '{"requestKey":"request#000000000000#my.release-train#build-4711","attempt":1}',
    },
    wanted: ['name', 'stateMachineArn', 'status'],
  },
  {
    name: 'ssm-parameter-change',
    event: SsmParameterChange,
    read: { name: '/golden/web', operation: 'Update' },
    wanted: ['name', 'operation'],
  },
  {
    name: 'auto-scaling-refresh-change',
    event: AutoScalingRefreshChange,
    read: { refreshId: 'ab00cf8f-9126-4f3c-8010-dbb8cad6fb86', groupName: 'service-api-blue' },
    wanted: ['InstanceRefreshId', 'AutoScalingGroupName'],
  },
  {
    name: 'backup-job-state-change',
    event: BackupJobStateChange,
    read: { instanceId: 'i-0123456789abcdef0' },
    wanted: ['resourceArn', 'resourceType', 'state'],
  },
];

const detailTypesOf = (event: (typeof KNOWN)[number]['event']): readonly string[] =>
  'detailTypes' in event ? event.detailTypes : [event.detailType];

describe.each(KNOWN)('AWS’s own event, $name', ({ name, event, read, wanted }) => {
  const recorded = example(`aws/${name}`);
  const detail = recorded.detail as Record<string, unknown>;

  it('is read in AWS’s own spelling, and no more of it than is wanted', () => {
    expect(recorded.source).toBe(event.source);
    expect(detailTypesOf(event)).toContain(recorded['detail-type']);
    expect(event.decode(Envelope.parse(recorded))).toEqual(read);
  });

  it.each(wanted)('is none without /%s, nor with another kind of it', (field) => {
    const { [field]: _, ...without } = detail;
    expect(() => event.decode({ ...recorded, detail: without })).toThrow();
    expect(() => event.decode({ ...recorded, detail: { ...detail, [field]: 7 } })).toThrow();
  });

  it.each([null, [], 'text', {}])('is not %j', (other) => {
    expect(() => event.decode({ ...recorded, detail: other })).toThrow();
  });
});

it('every recorded one is one that we know', () => {
  const folder = new URL('../../examples/events/aws/', import.meta.url);
  expect(readdirSync(folder).sort()).toEqual(KNOWN.map(({ name }) => `${name}.json`).sort());
});

it.each([
  ['is null, where it is too large', null],
  ['is not there', undefined],
])('an execution whose input %s is read all the same', (_, input) => {
  const recorded = example('aws/states-execution-change');
  const detail = { ...(recorded.detail as object), input };
  expect(StatesExecutionChange.decode({ ...recorded, detail }).input ?? undefined).toBeUndefined();
});

describe('of a backup', () => {
  const recorded = example('aws/backup-job-state-change');
  const backedUp = (resourceArn: string) => ({
    ...recorded,
    detail: { ...(recorded.detail as object), resourceArn },
  });

  it.each([
    ['China', 'arn:aws-cn:ec2:cn-north-1:000000000000:instance/i-0123abcd', 'i-0123abcd'],
    ['GovCloud', 'arn:aws-us-gov:ec2:us-gov-west-1:000000000000:instance/i-0123abcd', 'i-0123abcd'],
    ['a volume', 'arn:aws:ec2:us-east-1:000000000000:volume/vol-0123456789abcdef0', undefined],
    ['a file system', 'arn:aws:elasticfilesystem:us-east-1:000000000000:file-system/fs-0123abcd', undefined],
    ['another service’s instance', 'arn:aws:rds:us-east-1:000000000000:instance/i-0123abcd', undefined],
    ['an instance of nobody', 'arn:aws:ec2:us-east-1::instance/i-0123abcd', undefined],
    ['more behind it', 'arn:aws:ec2:us-east-1:000000000000:instance/i-0123abcd/eni-1', undefined],
    ['something before it', 'x:arn:aws:ec2:us-east-1:000000000000:instance/i-0123abcd', undefined],
    ['no ARN', 'i-0123abcd', undefined],
  ])('of %s the instance is %3$s', (_, resourceArn, instanceId) => {
    expect(BackupJobStateChange.decode(backedUp(resourceArn))).toEqual({ instanceId });
  });

  it('the recorded one is one that the rule lets through', () => {
    const { completed: state, resourceType } = BackupJobStateChange;
    expect(recorded.detail).toMatchObject({ state, resourceType });
  });
});

it('of an instance refresh every end is listened to, and nothing else', () => {
  const ends = ['Cancelled', 'Failed', 'Rollback Failed', 'Rollback Succeeded', 'Succeeded'];
  expect(AutoScalingRefreshChange.detailTypes.toSorted()).toEqual(
    ends.map((end) => `EC2 Auto Scaling Instance Refresh ${end}`),
  );
});

describe('of the words of AWS', () => {
  it.each([
    ['an instance does nothing any more', Ec2InstanceStateChange.ending, ['pending', 'running']],
    [
      'an execution has not done well',
      StatesExecutionChange.broken,
      ['RUNNING', 'SUCCEEDED', 'PENDING_REDRIVE'],
    ],
    ['a parameter has a value', SsmParameterChange.writing, ['Delete', 'LabelParameterVersion']],
  ])('those by which %s leave the others out', (_, words, others) => {
    expect(words.length).toBeGreaterThan(0);
    expect(words.filter((word) => others.includes(word))).toEqual([]);
  });

  it('the recorded ones are among them', () => {
    expect(Ec2InstanceStateChange.ending).toContain('shutting-down');
    expect(StatesExecutionChange.broken).toContain('ABORTED');
    expect(SsmParameterChange.writing).toContain('Update');
  });
});

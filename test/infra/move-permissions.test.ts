import { describe, expect, it } from 'vitest';
import { allowingIn, ec2, scopeOf } from './support/statements.ts';
import { FULL, synthesize } from './support/synthesize.ts';

const { template } = synthesize(FULL);
const plain = synthesize();

const ofRole = (start: string, action: string, from: object = template) =>
  allowingIn(from, action)
    .filter(({ where }) => where.startsWith(start))
    .map(scopeOf);

const SAYS_WHENCE = { Null: { 'aws:RequestTag/amity:moved-from': 'false' } };

describe('an instance like the one that is moved', () => {
  it('is started only with the tag that says of which, as are its volumes and network interfaces', () => {
    expect(ofRole('MoveRunInstance', 'ec2:RunInstances')).toEqual([
      { resources: ['instance', 'network-interface', 'volume'].map(ec2), conditions: SAYS_WHENCE },
      {
        resources: [
          ...['key-pair', 'security-group', 'subnet'].map(ec2),
          'arn:aws:ec2:us-east-1::image/*',
          'arn:aws:ec2:us-east-1::snapshot/*',
        ],
        conditions: {},
      },
    ]);
  });

  it('is tagged by that call alone', () => {
    expect(ofRole('MoveRunInstance', 'ec2:CreateTags')).toEqual([
      {
        resources: ['instance', 'network-interface', 'volume'].map(ec2),
        conditions: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
      },
    ]);
  });

  it('gets a role that is listed, and none by default', () => {
    expect(ofRole('MoveRunInstance', 'iam:PassRole')).toEqual([
      {
        resources: [
          'arn:aws:iam::111122223333:role/*/service-api',
          'arn:aws:iam::111122223333:role/app/service-db',
          'arn:aws:iam::111122223333:role/service-api',
        ],
        conditions: {
          StringEquals: { 'iam:PassedToService': { 'Fn::Join': ['', ['ec2.', { Ref: 'AWS::URLSuffix' }]] } },
        },
      },
    ]);
    expect(ofRole('Move', 'iam:PassRole', plain.template)).toEqual([]);
  });
});

describe('the source', () => {
  it('is stopped only when it says where it was moved to, which is all that it can be tagged with', () => {
    expect(ofRole('Move', 'ec2:StopInstances')).toEqual([
      {
        resources: [ec2('instance')],
        conditions: { Null: { 'aws:ResourceTag/amity:moved-to': 'false' } },
      },
    ]);
    expect(ofRole('MoveConclude', 'ec2:CreateTags')).toEqual([
      {
        resources: [ec2('instance')],
        conditions: {
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['amity:moved-to'] },
          Null: { 'aws:TagKeys': 'false' },
        },
      },
    ]);
  });

  it('is never terminated, nor is anything else by a move, a rollout or a backup', () => {
    for (const { where, conditions } of allowingIn(template, 'ec2:TerminateInstances')) {
      expect(where).toMatch(/^(Bake|Schedule|States)/);
      expect(conditions).toEqual({ Null: { 'aws:ResourceTag/amity:builder': 'false' } });
    }
    for (const action of [
      'autoscaling:TerminateInstanceInAutoScalingGroup',
      'autoscaling:DeleteAutoScalingGroup',
    ])
      expect(allowingIn(template, action)).toEqual([]);
  });

  it('is not imaged by the move itself, which asks for that as anyone does', () => {
    expect(ofRole('Move', 'ec2:CreateImage')).toEqual([]);
    expect(ofRole('BackupJobStateChange', 'ec2:CreateImage')).toEqual([]);
  });
});

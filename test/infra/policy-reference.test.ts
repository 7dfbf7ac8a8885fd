import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { preparePython } from '../../local/python.ts';
import { type Statement, statementsOf } from './support/statements.ts';
import { FULL, synthesize } from './support/synthesize.ts';

const script = join(import.meta.dirname, 'support', 'policy_reference.py');
let python: string;

beforeAll(async () => {
  python = await preparePython();
});

/** What AWS's service authorization reference has against statements. */
function findings(statements: readonly Statement[]): string[] {
  const input = JSON.stringify(statements);
  return JSON.parse(execFileSync(python, [script], { input, encoding: 'utf8', maxBuffer: 2 ** 24 }));
}

describe("every statement of the stack, by AWS's service authorization reference,", () => {
  const statements = statementsOf(synthesize(FULL).template as Parameters<typeof statementsOf>[0]);

  it('has actions that exist, on resources that they know, with conditions that they have', () => {
    expect(findings(statements)).toEqual([]);
  });

  it('was looked at: of roles, their trust, the bus, queues and functions', () => {
    const actions = (kind: Statement['kind']) =>
      statements.filter((each) => each.kind === kind).flatMap((each) => each.actions);
    expect(new Set(actions('trust'))).toEqual(new Set(['sts:AssumeRole']));
    expect(actions('resource')).toEqual(
      expect.arrayContaining(['events:PutEvents', 'lambda:InvokeFunction', 'sqs:*', 'sqs:SendMessage']),
    );
    expect(new Set(actions('identity')).size).toBeGreaterThan(30);
    const documents = JSON.stringify(synthesize(FULL).template).match(/"Effect":/g) ?? [];
    const permissions = statements.filter(({ where }) => where.includes('Permission'));
    expect(statements.length - permissions.length).toBe(documents.length);
  });
});

describe('a wrong statement is found:', () => {
  const role = (more: Partial<Statement>): Statement => ({
    where: 'Role',
    kind: 'identity',
    effect: 'Allow',
    actions: ['ec2:DeregisterImage'],
    resources: ['arn:aws:ec2:us-east-1::image/*'],
    conditions: {},
    ...more,
  });
  const tag = { Null: { 'aws:ResourceTag/amity:instance-name': 'false' } };
  const bus = ['arn:aws:events:us-east-1:111122223333:event-bus/amity'];

  it.each<[string, Partial<Statement>, string[]]>([
    ['none, for comparison', { conditions: tag }, []],
    [
      'an action that is not there',
      { actions: ['ec2:DeleteImage'] },
      ['ec2:DeleteImage: no such action', 'arn:aws:ec2:us-east-1::image/*: of no action of its statement'],
    ],
    [
      'a wildcard',
      { actions: ['ec2:*'] },
      ['ec2:*: no such action', 'arn:aws:ec2:us-east-1::image/*: of no action of its statement'],
    ],
    [
      'an image with an account',
      { resources: ['arn:aws:ec2:us-east-1:111122223333:image/*'] },
      [
        'ec2:DeregisterImage: none of its resources is image',
        'arn:aws:ec2:us-east-1:111122223333:image/*: of no action of its statement',
        'ec2:DeregisterImage: its image is left out',
      ],
    ],
    ['everything', { resources: ['*'] }, ['ec2:DeregisterImage on *: it knows image']],
    [
      'a resource where there is none',
      { actions: ['ec2:DescribeImages'] },
      [
        'ec2:DescribeImages: none of its resources is *',
        'arn:aws:ec2:us-east-1::image/*: of no action of its statement',
      ],
    ],
    [
      'a key that the action lacks',
      { conditions: { StringEquals: { 'ec2:CreateAction': 'CreateImage' } } },
      ['ec2:DeregisterImage: it has no ec2:CreateAction on image'],
    ],
    [
      'request tags of an instance',
      {
        actions: ['ec2:CreateImage'],
        resources: ['arn:aws:ec2:us-east-1:111122223333:instance/*'],
        conditions: { Null: { 'aws:RequestTag/amity:instance-name': 'false' } },
      },
      [
        'ec2:CreateImage: it has no aws:RequestTag/amity:instance-name on instance',
        'ec2:CreateImage: its image is left out',
        'ec2:CreateImage: its snapshot is left out',
      ],
    ],
    [
      'a key of many values compared as one',
      {
        actions: ['events:PutEvents'],
        resources: bus,
        conditions: { StringEquals: { 'events:source': 'amity' } },
      },
      ['events:PutEvents: events:source has many values, but StringEquals'],
    ],
  ])('%s', (_, statement, wrong) => {
    expect(findings([role(statement)])).toEqual(wrong.map((each) => `Role: ${each}`));
  });
});

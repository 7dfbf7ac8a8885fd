import { describe, expect, it } from 'vitest';
import { FULL, type Resource, synthesize } from './support/synthesize.ts';

const { of, one } = synthesize(FULL);
const [[undelivered = ''] = []] = of('AWS::SQS::Queue').filter(([id]) => id.startsWith('DeadLettersUndel'));
const [[run = ''] = []] = of('AWS::StepFunctions::StateMachine').filter(([id]) =>
  id.startsWith('ScheduleRun'),
);
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

describe('the schedule', () => {
  const { Properties } = one('AWS::Scheduler::Schedule', 'ScheduleRule');

  it('starts a run, in the configured time zone; a start that failed for an hour is kept', () => {
    expect(Properties).toMatchObject({
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { Ref: run },
        RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3600 },
        DeadLetterConfig: { Arn: arnOf(undelivered) },
      },
    });
  });

  it('leaves every other try to the state machine', () => {
    expect(one('AWS::Lambda::EventInvokeConfig', 'Schedule').Properties.MaximumRetryAttempts).toBe(0);
  });
});

describe('the switch', () => {
  /** Exactly these: a deployment that changes any of them writes `on`, over an operator's `off` too. */
  it('is on as the stack creates it, and takes on and off alone', () => {
    expect(one('AWS::SSM::Parameter', 'DeletionSwitch').Properties).toEqual({
      Name: '/amity/deletion',
      Type: 'String',
      Value: 'on',
      AllowedPattern: '^(on|off)$',
      Description: 'Whether Amity may deprecate, disable and delete images and snapshots: on, or off',
    });
  });
});

describe('the Recycle Bin', () => {
  const rules = (config: object) =>
    synthesize(config)
      .of('AWS::Rbin::Rule')
      .map(([, { Properties }]) => Properties);

  it('keeps what clean-up deletes, snapshots for as long as the images that need them', () => {
    const [images, snapshots, ...more] = rules({ retention: { recycleBinDays: 30 } });
    expect(more).toEqual([]);
    expect(images).toEqual({
      Description: 'What Amity deletes, for 30 days',
      ResourceType: 'EC2_IMAGE',
      ResourceTags: [{ ResourceTagKey: 'amity:recycle', ResourceTagValue: 'true' }],
      RetentionPeriod: { RetentionPeriodUnit: 'DAYS', RetentionPeriodValue: 30 },
    });
    // Otherwise the bin would lose the snapshots of an image that it still has.
    expect(snapshots).toEqual({ ...images, ResourceType: 'EBS_SNAPSHOT' });
  });

  it('is there by default, for seven days', () => {
    expect(rules({}).map(({ RetentionPeriod }) => RetentionPeriod.RetentionPeriodValue)).toEqual([7, 7]);
  });

  it('is not there when it is switched off', () => {
    expect(rules({ retention: { recycleBinDays: 0 } })).toEqual([]);
  });
});

describe('another region', () => {
  const retention = { regions: ['eu-west-1', 'ap-southeast-2'] };

  it('is a stack of its own, of rules alone, the same as at home', () => {
    const { regions, of: home } = synthesize({ retention });
    expect(regions.map(({ name, region }) => [name, region])).toEqual([
      ['Amity-eu-west-1', 'eu-west-1'],
      ['Amity-ap-southeast-2', 'ap-southeast-2'],
    ]);
    const atHome = home('AWS::Rbin::Rule').map(([, { Properties }]) => Properties);
    for (const { template: there } of regions) {
      const resources = Object.values(there.Resources as Record<string, Resource>);
      expect(resources.map(({ Properties }) => Properties)).toEqual(atHome);
    }
  });

  it('is none by default', () => {
    expect(synthesize().regions).toEqual([]);
  });

  it('is none without a bin: the CDK refuses a stack without resources', () => {
    expect(synthesize({ retention: { ...retention, recycleBinDays: 0 } }).regions).toEqual([]);
  });
});

describe('the table of what retention did', () => {
  it('outlives the stack and mistakes, and is found by run and by image', () => {
    const { DeletionPolicy, UpdateReplacePolicy, Properties } = one('AWS::DynamoDB::Table', 'TablesRetired');
    expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    expect(Properties).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      KeySchema: [
        { AttributeName: 'runId', KeyType: 'HASH' },
        { AttributeName: 'id', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byImage',
          KeySchema: [
            { AttributeName: 'imageId', KeyType: 'HASH' },
            { AttributeName: 'at', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  });
});

describe('a restoration', () => {
  it('is asked for by anyone of this account, and by no other', () => {
    expect(one('AWS::Events::Rule', 'AmiRestoreRequested').Properties.EventPattern).toEqual({
      account: [{ Ref: 'AWS::AccountId' }],
      'detail-type': ['AmiRestoreRequested'],
    });
  });

  it('is told to whoever is told', () => {
    const rules = of('AWS::Events::Rule').map(([, { Properties }]) => Properties.EventPattern['detail-type']);
    expect(rules.flat()).toEqual(expect.arrayContaining(['AmiRestored', 'AmiRestoreFailed']));
  });
});

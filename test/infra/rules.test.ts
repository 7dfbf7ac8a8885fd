import { describe, expect, it } from 'vitest';
import { FULL, placeOf, synthesize } from './support/synthesize.ts';

const { of, one } = synthesize(FULL);

describe('each rule', () => {
  const rule = (start: string) => one('AWS::Events::Rule', start).Properties;

  it.each(
    of('AWS::Events::Rule').filter(
      ([id]) => !/^(Ami\w*Requested|AutoScaling|Backup|Ec2|Ssm|States)/.test(id),
    ),
  )('%s believes our own source and account alone', (_, { Properties }) => {
    expect(Properties.EventPattern).toMatchObject({
      source: ['amity'],
      account: [{ Ref: 'AWS::AccountId' }],
    });
    expect(Properties.EventBusName).toBeDefined();
  });

  it('takes a request from any source', () => {
    expect(rule('AmiRequested').EventPattern).toEqual({ 'detail-type': ['AmiRequested'] });
  });

  it("hears EC2's own event on the default bus", () => {
    expect(rule('Ec2AmiStateChange')).not.toHaveProperty('EventBusName');
    expect(rule('Ec2AmiStateChange').EventPattern).toEqual({
      source: ['aws.ec2'],
      'detail-type': ['EC2 AMI State Change'],
    });
  });

  it("hears Auto Scaling's events of refreshes on the default bus, and AWS Backup's of instances that are done", () => {
    for (const start of ['AutoScalingRefreshChange', 'BackupJobStateChange'])
      expect(rule(start)).not.toHaveProperty('EventBusName');
    expect(rule('AutoScalingRefreshChange').EventPattern).toEqual({
      source: ['aws.autoscaling'],
      'detail-type': [
        'EC2 Auto Scaling Instance Refresh Succeeded',
        'EC2 Auto Scaling Instance Refresh Failed',
        'EC2 Auto Scaling Instance Refresh Cancelled',
        'EC2 Auto Scaling Instance Refresh Rollback Succeeded',
        'EC2 Auto Scaling Instance Refresh Rollback Failed',
      ],
    });
    expect(rule('BackupJobStateChange').EventPattern).toEqual({
      source: ['aws.backup'],
      'detail-type': ['Backup Job State Change'],
      detail: { state: ['COMPLETED'], resourceType: ['EC2'] },
    });
  });

  it.each(['AmiRollbackRequested', 'AmiMoveRequested', 'AmiRestoreRequested'])(
    'takes %s from any source, but of this account alone',
    (event) => {
      expect(rule(event).EventPattern).toEqual({
        account: [{ Ref: 'AWS::AccountId' }],
        'detail-type': [event],
      });
      expect(rule(event).EventBusName).toBeDefined();
    },
  );

  it('tells each receiver of its events through consumers of its own, of rollouts and of moves through one', () => {
    const places = of('AWS::Lambda::Function')
      .map(([, each]) => placeOf(each))
      .filter((place) => place.includes('Notify'))
      .sort();
    expect(places).toEqual([
      'AmiAvailable/Notify',
      'AmiCleaned/Notify',
      'AmiFailed/Notify',
      'AmiFailed/Notify2',
      'AmiMove/Notify',
      'AmiRestoreFailed/Notify',
      'AmiRestored/Notify',
      'AmiRollout/Notify',
    ]);
    expect(rule('AmiRollout').EventPattern['detail-type']).toEqual([
      'AmiRolledOut',
      'AmiRolledBack',
      'AmiRolloutSucceeded',
      'AmiRolloutFailed',
      'AmiRolloutPlanned',
    ]);
    expect(rule('AmiMoveNotify').EventPattern['detail-type']).toEqual(['AmiMoved', 'AmiMoveFailed']);
  });
});

import { consumes, puts, reads } from './role-terms.ts';

/** What the roles of moves and consistent backups may do. */
export const MAY_MOVE: Record<string, string[]> = {
  AmiMoveRequestedStartMove: [
    ...consumes('AmiMoveRequestedStartMove'),
    'states:StartExecution of a move',
    'dynamodb:GetItem Rollouts',
    'dynamodb:PutItem Rollouts',
    ...puts('AmiMoveFailed', 'AmiRolloutPlanned'),
  ],
  MoveRequestImage: [
    'ec2:DescribeInstances',
    'ec2:DescribeSubnets',
    'iam:GetInstanceProfile',
    ...puts('AmiRequested'),
  ],
  MoveRunInstance: [
    'ec2:DescribeInstances',
    'ec2:DescribeInstanceAttribute',
    'ec2:DescribeVolumes',
    'ec2:RunInstances of a likeness',
    'ec2:RunInstances of a likeness under a listed role',
    'dynamodb:GetItem Requests',
  ],
  MoveConclude: [
    'ec2:DescribeInstances',
    'ec2:DescribeInstanceStatus',
    'ec2:CreateTags amity:moved-to',
    'ec2:StopInstances of a moved source',
  ],
  Move: [
    ...['RequestImage', 'RunInstance', 'Conclude'].map((step) => `lambda:InvokeFunction Move${step}`),
    ...puts('AmiMoved', 'AmiMoveFailed'),
  ],
  AmiMoveNotify: reads('AmiMoveNotify'),
  BackupJobStateChangeRequestImage: [
    ...consumes('BackupJobStateChangeRequestImage'),
    'ec2:DescribeInstances',
    'scheduler:CreateSchedule in the window',
    ...puts('AmiRequested', 'AmiFailed', 'AmiRolloutPlanned'),
  ],
};

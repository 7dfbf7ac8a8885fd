import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/**
 * What people subscribe to. Encrypted as SNS encrypts every disk, with no key of KMS: CloudWatch cannot publish
 * under `alias/aws/sns`, and a customer key costs more than the names of alarms, which are all that passes here,
 * are worth.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function alarmTopic(scope: Construct): Topic {
  const topic = new Topic(scope, 'Topic', { displayName: 'Amity', enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'OurAlarmsMayTell',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: {
          'aws:SourceArn': `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:*`,
        },
      },
    }),
  );
  return topic;
}

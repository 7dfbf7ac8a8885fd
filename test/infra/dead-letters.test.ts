import { describe, expect, it } from 'vitest';
import { FULL, synthesize } from './support/synthesize.ts';

const notifications = Array.from({ length: 12 }, (_, index) => ({
  format: 'jandi',
  urlParameter: `/amity/webhook-url-${index}`,
  events: ['AmiFailed'],
}));
const { of, one } = synthesize({ ...FULL, notifications });
const policies = of('AWS::SQS::QueuePolicy').map(([id, { Properties }]) => [id, Properties] as const);

describe('the policy of a queue', () => {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
  it.each(policies)(
    '%s is within what SQS takes, however many receivers are told',
    (_, { PolicyDocument }) => {
      expect(PolicyDocument.Statement.length).toBeLessThanOrEqual(3);
      expect(JSON.stringify(PolicyDocument).length).toBeLessThan(8192 / 2);
    },
  );
});

describe('the queue of what was not delivered', () => {
  it('takes it from the rules of this account, on every bus', () => {
    const { Statement } = one('AWS::SQS::QueuePolicy', 'DeadLettersUndelivered').Properties.PolicyDocument;
    const [refused, allowed, ...more] = Statement;
    expect(more).toEqual([]);
    expect(refused).toMatchObject({
      Effect: 'Deny',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    expect(allowed).toMatchObject({
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
    });
    const [, parts] = allowed.Condition.ArnLike['aws:SourceArn']['Fn::Join'];
    expect(
      parts.map((part: string | { Ref: string }) => (typeof part === 'string' ? part : part.Ref)).join(''),
    ).toBe('arn:AWS::Partition:events:AWS::Region:AWS::AccountId:rule/*');
  });
});

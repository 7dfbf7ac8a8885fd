import { Validations } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, it } from 'vitest';
import { FULL, newStack } from './support/synthesize.ts';

function checked() {
  const { app, stack } = newStack(FULL);
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  return { synth: () => app.synth(), stack };
}

const { synth, stack } = checked();

it('has no finding that is not acknowledged', () => {
  synth();
});

it('would have findings: the check is at work', () => {
  const other = checked();
  new Topic(other.stack, 'Plain');
  expect(other.synth).toThrow(/SNS/);
});

it('gives a reason with every acknowledgement, each of one exact finding', () => {
  const acknowledged = stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries<string>(data));
  expect(acknowledged.length).toBeGreaterThan(10);
  for (const [id, reason] of acknowledged) {
    expect(id).toMatch(/AwsSolutions-(IAM\d\[.+\]|(?!IAM)[A-Z]+\d+)$/);
    expect(reason, id).toMatch(/^[A-Z].{15,}\.$/);
  }
});

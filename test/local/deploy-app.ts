import {
  App,
  BootstraplessSynthesizer,
  CfnOutput,
  Duration,
  type IStackSynthesizer,
  Stack,
} from 'aws-cdk-lib';
import { Alarm, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnEventBusPolicy, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';

/** A stack of what MiniStack lacks or does otherwise than AWS. Run by the CDK CLI. */
const stack = new Stack(new App(), 'Mends', {
  env: { account: '000000000000', region: 'us-east-1' },
  synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
});

const code = `
const fs = require('node:fs');
exports.handler = async ({ detail = {} }) => {
  if (detail.file) {
    fs.appendFileSync(detail.file, process.pid + ' ' + process.version + '\\n');
    if (detail.sleep) await new Promise((resolve) => setTimeout(resolve, detail.sleep));
    fs.appendFileSync(detail.file, 'end\\n');
  }
  if (!detail.fine) throw Object.assign(new Error('as asked'), { name: 'AskedError' });
  return 'fine';
};`;

const bus = new EventBus(stack, 'Bus', { eventBusName: 'mends' });
const archive = bus.archive('Archive', { eventPattern: { source: ['me'] }, retention: Duration.days(90) });
new CfnEventBusPolicy(stack, 'Policy', {
  eventBusName: bus.eventBusName,
  statementId: 'others',
  statement: {
    Effect: 'Allow',
    Principal: { AWS: '111111111111' },
    Action: 'events:PutEvents',
    Resource: bus.eventBusArn,
  },
});
const fn = new LambdaFn(stack, 'Function', {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromInline(code),
});
const failures = new Queue(stack, 'Failures');
fn.configureAsyncInvoke({ retryAttempts: 2, onFailure: new SqsDestination(failures) });
new Rule(stack, 'Rule', {
  eventBus: bus,
  eventPattern: { source: ['me'] },
  targets: [new LambdaFunction(fn)],
});
new Alarm(stack, 'Alarm', {
  metric: new MathExpression({
    expression: 'a + b',
    usingMetrics: { a: fn.metricErrors(), b: fn.metricThrottles() },
  }),
  threshold: 1,
  evaluationPeriods: 1,
});
const caught = Pass.jsonata(stack, 'Caught', { outputs: { caught: true } });
const invoke = LambdaInvoke.jsonata(stack, 'Invoke', { lambdaFunction: fn, retryOnServiceExceptions: false });
const machine = new StateMachine(stack, 'Machine', {
  queryLanguage: QueryLanguage.JSONATA,
  definitionBody: DefinitionBody.fromChainable(invoke.addCatch(caught, { errors: ['AskedError'] })),
});

const outputs = {
  Archive: archive.archiveArn,
  FailureQueue: failures.queueUrl,
  MachineArn: machine.stateMachineArn,
};
for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value });

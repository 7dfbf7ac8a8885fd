import type { Resource } from './synthesize.ts';

/** A statement of a policy, its resources as ARNs. */
export interface Statement {
  /** The policy, or the role that it is of. */
  readonly where: string;
  readonly kind: 'identity' | 'resource' | 'trust';
  readonly effect: string;
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions: Record<string, Record<string, unknown>>;
}

interface Template {
  readonly Resources: Record<string, Resource>;
}

/** `instance/*` of the stack's own account and region. */
export const ec2 = (kind: string) => `arn:aws:ec2:us-east-1:111122223333:${kind}/*`;

/** What a statement is of, in whatever order, and when. */
export const scopeOf = ({ resources, conditions }: Statement) => ({
  resources: resources.toSorted(),
  conditions,
});

/** Every statement that lets some role do something. */
export const allowingIn = (template: object, action: string): Statement[] =>
  statementsOf(template as Template).filter(
    ({ actions, kind, effect }) => kind === 'identity' && effect === 'Allow' && actions.includes(action),
  );

/** Every statement of every policy of a template, wherever it stands. */
export function statementsOf({ Resources }: Template): Statement[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::Lambda::Permission') return [permission(id, Properties)];
    return rawStatements(Properties).map(([raw, inTrust]) => {
      const [role] = Properties.Roles ?? [];
      const kind = inTrust ? 'trust' : raw.Principal ? 'resource' : 'identity';
      const resources = list(raw.Resource).map((each) => arnOf(Resources, each));
      return {
        where: role?.Ref ?? id,
        kind,
        effect: raw.Effect,
        actions: list(raw.Action),
        resources,
        conditions: raw.Condition ?? {},
      } as const;
    });
  });

  function permission(where: string, { Action, FunctionName }: Resource['Properties']): Statement {
    const resources = [arnOf(Resources, FunctionName)];
    return { where, kind: 'resource', effect: 'Allow', actions: [Action], resources, conditions: {} };
  }
}

interface Raw {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** Whatever has an effect and actions is a statement, so that none of a new kind of policy is overlooked. */
function rawStatements(value: unknown, inTrust = false): [Raw, boolean][] {
  if (typeof value !== 'object' || value === null) return [];
  if ('Effect' in value && 'Action' in value) return [[value as Raw, inTrust]];
  return Object.entries(value).flatMap(([key, each]) =>
    rawStatements(each, inTrust || key === 'AssumeRolePolicyDocument'),
  );
}

const list = <One>(value: One | One[] | undefined): One[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const PSEUDO: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '111122223333',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** What CloudFormation makes of the ARN of a resource, or of its name in an ARN. */
const ARNS: Record<string, string> = {
  'AWS::ApiGateway::RestApi': 'execute-api:us-east-1:111122223333',
  'AWS::DynamoDB::Table': 'dynamodb:us-east-1:111122223333:table/NAME',
  'AWS::Events::EventBus': 'events:us-east-1:111122223333:event-bus/NAME',
  'AWS::IAM::Role': 'iam::111122223333:role/NAME',
  'AWS::KMS::Key': 'kms:us-east-1:111122223333:key/NAME',
  'AWS::Lambda::Function': 'lambda:us-east-1:111122223333:function:NAME',
  // With every stream of it.
  'AWS::Logs::LogGroup': 'logs:us-east-1:111122223333:log-group:NAME:*',
  'AWS::SNS::Topic': 'sns:us-east-1:111122223333:NAME',
  'AWS::SQS::Queue': 'sqs:us-east-1:111122223333:NAME',
  'AWS::StepFunctions::StateMachine': 'states:us-east-1:111122223333:stateMachine:NAME',
};
/** Whose `Ref` is the ARN. */
const REF_IS_ARN = ['AWS::SNS::Topic', 'AWS::StepFunctions::StateMachine'];

function arnOf(resources: Template['Resources'], value: unknown): string {
  const text = textOf(value);
  // A policy of an API may leave out the API itself: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html
  return text.replace(/^execute-api:\//, 'arn:aws:execute-api:us-east-1:111122223333:api/');

  function textOf(part: unknown): string {
    if (typeof part === 'string') return part;
    const [[name, of] = []] = Object.entries(part as Record<string, unknown>);
    if (name === 'Ref') return PSEUDO[String(of)] ?? named(String(of));
    if (name === 'Fn::Join') {
      const [between, parts] = of as [string, unknown[]];
      return parts.map(textOf).join(between);
    }
    if (name === 'Fn::GetAtt') return attributeOf(...(of as [string, string]));
    throw new Error(`This test does not know how to read ${JSON.stringify(part)}`);
  }

  function attributeOf(id: string, attribute: string): string {
    if (attribute === 'Name') return id;
    if (attribute.endsWith('Arn')) return arn(id);
    throw new Error(`This test does not know ${attribute} of ${id}`);
  }

  function named(id: string): string {
    return REF_IS_ARN.includes(resources[id]?.Type ?? '') ? arn(id) : id;
  }

  function arn(id: string): string {
    const form = ARNS[resources[id]?.Type ?? ''];
    if (!form) throw new Error(`This test does not know the ARN of ${id}, ${resources[id]?.Type}`);
    return `arn:aws:${form.replace('NAME', id)}`;
  }
}

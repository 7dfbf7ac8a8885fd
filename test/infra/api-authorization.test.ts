import { Validations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { FULL, JWT, newStack, OPEN, synthesize } from './support/synthesize.ts';

const method = ({ one }: ReturnType<typeof synthesize>, path = 'createami') =>
  one('AWS::ApiGateway::Method', `HttpApi${path}`).Properties;
const policyOf = ({ one }: ReturnType<typeof synthesize>) =>
  one('AWS::ApiGateway::RestApi', 'Http').Properties.Policy;
const warnings = (config: object) =>
  Annotations.fromStack(newStack(config).stack).findWarning('*', Match.anyValue());

describe('by default', () => {
  const plain = synthesize();

  it('IAM decides alone: no authorizer, no resource policy, no warning', () => {
    expect(method(plain).AuthorizationType).toBe('AWS_IAM');
    expect(policyOf(plain)).toBeUndefined();
    expect(plain.of('AWS::ApiGateway::Authorizer')).toEqual([]);
    expect(JSON.stringify(plain.template)).not.toContain('REQUIRED_CLAIMS');
    expect(warnings({})).toEqual([]);
  });
});

describe('other accounts', () => {
  it('may call the two methods and nothing else; our own account is not named, so its roles need their permission', () => {
    expect(policyOf(synthesize(FULL))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'OtherAccountsMayRequest',
          Effect: 'Allow',
          Principal: {
            AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::777788889999:root']] },
          },
          Action: 'execute-api:Invoke',
          Resource: 'execute-api:/prod/POST/create-ami',
        },
      ],
    });
  });

  it('change the deployment of the API, which is what makes a policy count', () => {
    const ids = [{}, FULL].map((config) => synthesize(config).of('AWS::ApiGateway::Deployment')[0]?.[0]);
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe('an issuer', () => {
  const jwt = synthesize(JWT);

  it('has its tokens checked by our function, which API Gateway asks anew after a minute', () => {
    const [id, authorizer] = jwt.of('AWS::ApiGateway::Authorizer')[0] ?? [];
    expect(method(jwt)).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: id } });
    expect(authorizer?.Properties).toMatchObject({
      Type: 'TOKEN',
      IdentitySource: 'method.request.header.Authorization',
      AuthorizerResultTtlInSeconds: 60,
    });
    expect(JSON.stringify(authorizer?.Properties.AuthorizerUri)).toContain('HttpAuthorize');
    expect(policyOf(jwt)).toBeUndefined();
  });

  it.each([
    ['Bearer eyJh.eyJz.s-_9', true],
    ['bearer eyJh.eyJz.s-_9', true],
    ['eyJh.eyJz.s-_9', false],
    ['Bearer eyJh.eyJz.', false],
    ['Bearer eyJh.eyJz', false],
    ['Bearer a.b.c d.e.f', false],
    ['AWS4-HMAC-SHA256 Credential=a/b', false],
  ])('is asked about "%s": %s', (header, asked) => {
    const { IdentityValidationExpression } = jwt.one('AWS::ApiGateway::Authorizer', 'Http').Properties;
    expect(new RegExp(IdentityValidationExpression).test(header)).toBe(asked);
  });

  it('is told to the function as configured', () => {
    const { Environment, Timeout } = jwt.one('AWS::Lambda::Function', 'HttpAuthorize').Properties;
    expect(Environment.Variables).toEqual({
      ISSUER: JWT.api.jwt.issuer,
      AUDIENCE: 'amity',
      REQUIRED_CLAIMS: JSON.stringify(JWT.api.jwt.requiredClaims),
    });
    expect(Timeout).toBeLessThan(29);
  });

  it('can only be asked by this API', () => {
    const permissions = jwt
      .of('AWS::Lambda::Permission')
      .filter(([, { Properties }]) => JSON.stringify(Properties.FunctionName).includes('HttpAuthorize'));
    expect(permissions).toHaveLength(1);
    expect(permissions[0]?.[1].Properties).toMatchObject({ Principal: 'apigateway.amazonaws.com' });
    expect(JSON.stringify(permissions[0]?.[1].Properties.SourceArn)).toContain('/authorizers/');
  });
});

describe('no authorization', () => {
  it('is said aloud, and is no mistake', () => {
    expect(method(synthesize(OPEN)).AuthorizationType).toBe('NONE');
    expect(JSON.stringify(warnings(OPEN))).toContain('none-anyone-may-make-images');
  });
});

describe('who may ask for a bake', () => {
  it.each([
    ['of this account, by IAM', FULL, 'AWS_IAM'],
    ['the same where anyone may make images: a bake runs what it is given', OPEN, 'AWS_IAM'],
    ['who brings a token', JWT, 'CUSTOM'],
  ])('are those %s', (_, config, type) => {
    expect(method(synthesize(config), 'bakeami').AuthorizationType).toBe(type);
  });

  it('are not other accounts, which may make images', () => {
    expect(JSON.stringify(policyOf(synthesize(FULL)))).not.toContain('bake-ami');
  });
});

it.each([
  ['an issuer', JWT],
  ['no authorization', OPEN],
])('has no finding of cdk-nag with %s', (_, config) => {
  const { app } = newStack(config);
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  app.synth();
});

it('throttles as configured', () => {
  const { MethodSettings } = synthesize({ api: { throttle: { ratePerSecond: 5, burst: 7 } } }).one(
    'AWS::ApiGateway::Stage',
    'Http',
  ).Properties;
  expect(MethodSettings[0]).toMatchObject({ ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 });
});

import { Annotations, Duration } from 'aws-cdk-lib';
import { AuthorizationType, type MethodOptions, TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { AccountPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { type Api, authorizationOf, type Jwt } from '../api-schema.ts';
import { AmityFunction } from './amity-function.ts';

/** Anything else is answered with 401, and the function not called. */
const BEARER_OF_A_JWT = String.raw`^[Bb]earer +[-\w]+\.[-\w]+\.[-\w]+$`;

export interface ApiAuthorizationProps {
  readonly api: Api;
  /** Of `http/authorize`; deployed only where tokens are checked. */
  readonly code: Code;
}

/** Who may call, as the configuration says it: AWS IAM, the bearers of an issuer's tokens, or everyone. */
export class ApiAuthorization extends Construct {
  readonly methodOptions: MethodOptions;

  constructor(scope: Construct, id: string, { api, code }: ApiAuthorizationProps) {
    super(scope, id);
    const authorization = authorizationOf(api);
    if (authorization === 'jwt' && api.jwt) this.methodOptions = this.byToken(api.jwt, code);
    else if (authorization === 'iam') this.methodOptions = { authorizationType: AuthorizationType.IAM };
    else this.methodOptions = this.open(authorization);
  }

  /** The same, but for everyone: they are to be of this account then, by AWS IAM. */
  get ofKnownCallers(): MethodOptions {
    const isOpen = this.methodOptions.authorizationType === AuthorizationType.NONE;
    return isOpen ? { authorizationType: AuthorizationType.IAM } : this.methodOptions;
  }

  /** What cdk-nag asks of a method, and why ours is as it is. */
  acknowledgeOn(method: Construct): void {
    acknowledge(method, 'Callers are pipelines with roles or tokens, not people in a user pool.', 'COG4');
    if (this.methodOptions.authorizationType !== AuthorizationType.NONE) return;
    acknowledge(method, 'The configuration says, in so many words, that anyone may make images.', 'APIG4');
  }

  private byToken({ issuer, audience, requiredClaims, jwksUri }: Jwt, code: Code): MethodOptions {
    const handler = new AmityFunction(this, 'Function', {
      code,
      description: `Checks the tokens of ${issuer}`,
      // Two documents of the issuer, each with one retry; API Gateway waits for longer.
      timeout: Duration.seconds(20),
      environment: {
        ISSUER: issuer,
        AUDIENCE: audience,
        REQUIRED_CLAIMS: JSON.stringify(requiredClaims),
        ...(jwksUri && { JWKS_URI: jwksUri }),
      },
      permissions: [],
    });
    const authorizer = new TokenAuthorizer(this, 'Tokens', {
      handler,
      validationRegex: BEARER_OF_A_JWT,
      // A token may outlive its own end by this much.
      resultsCacheTtl: Duration.minutes(1),
    });
    return { authorizationType: AuthorizationType.CUSTOM, authorizer };
  }

  private open(setting: string): MethodOptions {
    Annotations.of(this).addWarningV2(
      'amity:open-api',
      `api.authorization is "${setting}": whoever knows the address of the API can make images, and have them paid for.`,
    );
    return { authorizationType: AuthorizationType.NONE };
  }
}

/**
 * Lets other accounts' roles in, where their own account lets them too. None without other accounts: the API's own
 * account needs no policy here, and one that named it would let in roles that nobody gave the permission.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
export function callerPolicy(
  callerAccounts: readonly string[],
  resource: string,
): PolicyDocument | undefined {
  if (callerAccounts.length === 0) return undefined;
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'OtherAccountsMayRequest',
        principals: callerAccounts.map((account) => new AccountPrincipal(account)),
        actions: ['execute-api:Invoke'],
        resources: [resource],
      }),
    ],
  });
}

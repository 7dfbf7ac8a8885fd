import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postRequest } from '../../local/story.ts';
import { readYaml } from '../infra/support/yaml.ts';
import { envelopes, settle, until } from './support/flow.ts';
import { startIssuer } from './support/issuer-server.ts';
import { callIam } from './support/roles.ts';
import { type Session, startSession } from './support/session.ts';

const run = promisify(execFile);
const root = new URL('../../', import.meta.url);
const body = { instance_name_list: ['service-api'] };
let session: Session;
let ci: Awaited<ReturnType<typeof startIssuer>>;

beforeAll(async () => {
  ci = await startIssuer();
  // Functions of the embedded AWS trust what the process that started it trusts.
  process.env.NODE_EXTRA_CA_CERTS = ci.certificate;
  const requiredClaims = { repository_id: '4242', ref: ['refs/heads/main', 'refs/heads/release'] };
  const jwt = { issuer: ci.issuer.address, audience: 'amity', requiredClaims };
  session = await startSession({ enforceIam: true, config: { api: { jwt } } });
});
afterAll(async () => {
  delete process.env.NODE_EXTRA_CA_CERTS;
  await session?.stop();
  await ci?.stop();
});

const post = (authorization: string | undefined, headers: Record<string, string> = {}) =>
  fetch(session.apiUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }), ...headers },
    body: JSON.stringify(body),
  });
const bearer = (...how: Parameters<typeof ci.issuer.token>) => `Bearer ${ci.issuer.token(...how)}`;

async function expectProblem(answer: Response, status: number) {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(await answer.json()).toMatchObject({ title: expect.any(String), detail: expect.any(String) });
}

describe('an issuer', () => {
  it.each<[string, () => string | undefined]>([
    ['nothing', () => undefined],
    ['no token', () => 'Bearer x'],
    ['a token without a signature', () => `Bearer ${ci.issuer.unsigned()}`],
    ['a token with a made-up signature', () => `Bearer ${ci.issuer.unsigned('AAAA')}`],
    ["a stranger's token", () => bearer({}, { key: ci.issuer.stranger })],
    ['an expired token', () => bearer({ exp: 1 })],
    ['a token for another audience', () => bearer({ aud: 'sts.amazonaws.com' })],
    ['a token of another issuer', () => bearer({ iss: 'https://token.actions.githubusercontent.com' })],
  ])('lets nobody in who brings %s: 401', async (_, authorization) => {
    await expectProblem(await post(authorization()), 401);
  });

  it('is no place for signatures: 401', async () => {
    await expectProblem(await postRequest(session, body), 401);
  });

  it.each([
    ['repository', { repository_id: '4243' }],
    ['branch', { ref: 'refs/heads/feature' }],
  ])('lets nobody in from another %s: 403', async (_, claims) => {
    await expectProblem(await post(bearer(claims)), 403);
  });

  it('that cannot be asked lets nobody in, and the caller is told to try again: 503', async () => {
    ci.served.down = true;
    const answer = await post(bearer({}, { kid: 'new-key' })).finally(() => {
      ci.served.down = false;
    });
    await expectProblem(answer, 503);
  });

  it('has let nothing of all that onto the bus', async () => {
    await settle(2);
    expect(envelopes(session, 'AmiRequested')).toEqual([]);
  });

  it('lets in whose claims are the required ones, and keeps the keys of callers apart', async () => {
    const key = { 'idempotency-key': 'build-78' };
    const [first, again, other] = await Promise.all(
      [bearer(), bearer(), bearer({ sub: 'another' })].map((token) => post(token, key)),
    );
    expect([first?.status, again?.status, other?.status]).toEqual([202, 202, 202]);
    const ids = await first?.json();
    expect(await again?.json()).toEqual(ids);
    expect(await other?.json()).not.toEqual(ids);
  });

  it('lets in the workflow of the examples, as it stands there', async () => {
    const workflow = (await readYaml(new URL('examples/pipelines/github-actions.yml', root).pathname)) as {
      jobs: { image: { steps: [{ env: Record<string, string>; run: string }] } };
    };
    const [{ env, run: script }] = workflow.jobs.image.steps;
    const { stdout } = await run('bash', ['-c', script], {
      env: {
        PATH: process.env.PATH,
        ...env,
        BODY: env.BODY?.replace(/\$\{\{.*?\}\}/, '9fceb02'),
        API_URL: session.apiUrl,
        CURL_CA_BUNDLE: ci.certificate,
        ACTIONS_ID_TOKEN_REQUEST_URL: `${ci.issuer.address}/job-token?api-version=2`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-this-job',
        GITHUB_RUN_ID: '77',
        GITHUB_RUN_ATTEMPT: '1',
      },
    });
    const [mask, answer = ''] = stdout.split('\n');
    expect(mask).toMatch(/^::add-mask::ey/);
    const [{ request_id }] = JSON.parse(answer).requests;
    await until('it on the bus', () =>
      envelopes(session, 'AmiRequested').find(
        ({ detail }) => (detail as { requestId: string }).requestId === request_id,
      ),
    );
  });
});

describe('deployed again for AWS IAM', () => {
  let policy: { Statement: [{ Resource: string }] };
  beforeAll(async () => {
    await session.redeploy();
    policy = JSON.parse(
      await readFile(new URL('examples/pipelines/least-privilege-policy.json', root), 'utf8'),
    );
  });

  /** A role whose policy is the example's, for a resource of this deployment. */
  async function postAs(RoleName: string, resource: string | undefined): Promise<Response> {
    const trust = { Version: '2012-10-17', Statement: [] };
    await callIam(session, 'CreateRole', { RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) });
    if (resource) {
      const [statement] = policy.Statement;
      const own = { ...policy, Statement: [{ ...statement, Resource: resource }] };
      await callIam(session, 'PutRolePolicy', {
        RoleName,
        PolicyName: 'Call',
        PolicyDocument: JSON.stringify(own),
      });
    }
    const { account, region, control } = session.aws;
    const credentials = await control.startSession(`arn:aws:iam::${account}:role/${RoleName}`);
    return new AwsClient({ ...credentials, region, service: 'execute-api', retries: 0 }).fetch(
      session.apiUrl,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      },
    );
  }
  /** The example's resource, with this account, region and API. */
  const resource = () => {
    const [, api = ''] = /https:\/\/(\w+)\.execute-api/.exec(session.outputs.ApiUrl) ?? [];
    const [{ Resource }] = policy.Statement;
    return Resource.replace(
      /^(arn:aws:execute-api:)[^/]+/,
      `$1${session.aws.region}:${session.aws.account}:${api}`,
    );
  };

  it('lets in a role with the least privilege of the examples', async () => {
    expect((await postAs('pipeline', resource())).status).toBe(202);
  });

  it.each<[string, () => string | undefined]>([
    ['without a policy', () => undefined],
    ['with it for another API', () => resource().replace(/:\w+\//, ':other/')],
    ['with it for another method', () => resource().replace('POST', 'GET')],
    ['with it for another path', () => resource().replace('create-ami', 'delete-ami')],
  ])('lets no role in %s', async (how, where) => {
    // The stand-in answers this one refusal in its own words, whatever the gateway response says.
    expect((await postAs(how.replaceAll(' ', '-'), where())).status).toBe(403);
  });

  it('takes tokens no more', async () => {
    await expectProblem(await post(bearer()), 403);
  });
});

describe('deployed again for anyone', () => {
  beforeAll(() => session.redeploy({ api: { authorization: 'none-anyone-may-make-images' } }));

  it('lets anyone in', async () => {
    expect((await post(undefined)).status).toBe(202);
  });
});

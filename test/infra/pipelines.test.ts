import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { CreateAmiBody } from '../../shared/events/create-ami-body.ts';
import { synthesize } from './support/synthesize.ts';
import { readYaml } from './support/yaml.ts';

const root = join(import.meta.dirname, '..', '..');
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const page = textOf('docs/pipelines.md');
const { one } = synthesize();

describe('the least privilege of a caller', () => {
  const { Statement } = JSON.parse(textOf('examples/pipelines/least-privilege-policy.json'));
  const [, stage, method, path] = /\/(\w+)\/([A-Z]+)\/(.+)$/.exec(Statement[0].Resource) ?? [];

  it('is one action on one method of one API', () => {
    expect(Statement).toEqual([
      {
        Sid: expect.any(String),
        Effect: 'Allow',
        Action: 'execute-api:Invoke',
        Resource: expect.stringMatching(
          // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html
          /^arn:aws:execute-api:[a-z]{2}-[a-z]+-\d:\d{12}:[a-z0-9]{10}\/prod\/POST\/create-ami$/,
        ),
      },
    ]);
    expect(page).toContain(Statement[0].Resource);
  });

  it('is the method that the stack has', () => {
    expect(one('AWS::ApiGateway::Stage', 'Http').Properties.StageName).toBe(stage);
    expect(one('AWS::ApiGateway::Method', 'HttpApicreateami').Properties.HttpMethod).toBe(method);
    expect(one('AWS::ApiGateway::Resource', 'HttpApicreateami').Properties.PathPart).toBe(path);
  });
});

describe('the workflow for GitHub Actions', () => {
  const workflow = () => readYaml(join(root, 'examples', 'pipelines', 'github-actions.yml'));

  it('asks for a token and for nothing else', async () => {
    expect(await workflow()).toMatchObject({
      permissions: { 'id-token': 'write' },
      jobs: {
        image: {
          'runs-on': 'ubuntu-latest',
          steps: [{ env: { AUDIENCE: 'amity', API_URL: expect.stringContaining('vars.AMITY_API_URL') } }],
        },
      },
    });
  });

  it('sends a body that the API takes, from a script that is one', async () => {
    const { jobs } = (await workflow()) as {
      jobs: { image: { steps: { env: { BODY: string }; run: string }[] } };
    };
    const [step] = jobs.image.steps;
    expect(CreateAmiBody.safeParse(JSON.parse(step?.env.BODY ?? '')).error).toBeUndefined();
    execFileSync('bash', ['-n'], { input: step?.run });
    // What others could write (a branch's name, a title) would be run as script: such values come by `env`.
    expect(step?.run).not.toContain('${{');
  });
});

it.each([...page.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => [json]))(
  'the page shows a configuration that is right: %s',
  (json) => {
    expect(() => parseConfig(JSON.parse(`{${json}}`))).not.toThrow();
  },
);

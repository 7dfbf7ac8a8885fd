import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { ServiceStack } from '../../examples/auto-scaling-group/service-stack.ts';
import { preparePython } from '../../local/python.ts';
import { FULL, JWT, synthesize } from './support/synthesize.ts';

const run = promisify(execFile);

/** Without what changes with every build of a handler, or with the CDK's own version. */
const scrubbed = (template: object) =>
  JSON.parse(
    JSON.stringify(template, (key, value) =>
      key === 'Metadata' || key === 'BootstrapVersion' ? undefined : value,
    ).replaceAll(/\b[0-9a-f]{64}\b/g, '(hash)'),
  );

it('is the template that was looked at last', () => {
  const { Resources, Outputs } = scrubbed(synthesize(FULL).template);
  expect({ Resources, Outputs }).toMatchSnapshot();
});

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
it.each([
  [0, 300],
  [1, 360],
  [3, 480],
])(
  "of all that there is, and %i receivers of everything, leaves room in CloudFormation's 500 resources",
  (count, most) => {
    const notifications = Array.from({ length: count }, (_, index) => ({
      format: 'jandi',
      urlParameter: `/amity/webhook-url-${index}`,
    }));
    expect(Object.keys(synthesize({ ...FULL, notifications }).template.Resources).length).toBeLessThan(most);
  },
);

/** A dependency said twice does no harm; CDK says it of every function and its role. */
const IGNORED = ['W3005'];

// One long process: it takes its time where others are busy.
it("satisfies CloudFormation's own schemas (cfn-lint), of every setting, of tokens, of another region", {
  timeout: 300_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'amity-template-'));
  // Without tokens there is nothing that FULL has not.
  const templates = [FULL, JWT].flatMap((config) => {
    const { template, regions } = synthesize(config);
    return [template, ...regions.map((other) => other.template)];
  });
  const example = new ServiceStack(new App(), 'Example', { instanceName: 'service-api' });
  templates.push(Template.fromStack(example).toJSON());
  expect(templates).toHaveLength(4);
  const files = templates.map((template, index) => {
    const file = join(directory, `template${index}.json`);
    writeFileSync(file, JSON.stringify(template));
    return file;
  });
  const lint = join(dirname(await preparePython()), 'cfn-lint');
  const args = ['--format', 'parseable', '--ignore-checks', ...IGNORED, '--', ...files];
  const { stdout } = await run(lint, args).catch((error) => error);
  expect(stdout).toBe('');
});

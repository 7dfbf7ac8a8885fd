import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateImageCommand, DescribeImagesCommand, EC2Client, type Image } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { type EmbeddedAws, startEmbeddedAws } from '../../local/embedded-aws.ts';

export interface Suite {
  aws: EmbeddedAws;
  ec2: EC2Client;
}

/** One embedded AWS for a test file, with what a test switched taken back after each, and a client without retries. */
export function useEmbeddedAws(options: { pendingSeconds?: number } = {}): Suite {
  const suite = {} as Suite;
  beforeAll(async () => {
    suite.aws = await startEmbeddedAws({ pendingSeconds: 0.3, ...options });
    suite.ec2 = new EC2Client({ ...suite.aws.clientConfig, maxAttempts: 1 });
  });
  afterEach(async () => {
    if (isAlive(suite.aws.pid)) await suite.aws.control.reset({ ec2: true });
  });
  afterAll(async () => {
    suite.ec2?.destroy();
    await suite.aws?.stop();
  });
  return suite;
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

let names = 0;

/** A legal name that no other image has. */
export function imageName(prefix = 'service-api'): string {
  names += 1;
  return `${prefix}-Deploy-2025-06-05_12_00-${names}`;
}

/** Starts an instance and images it; the name and everything else can be overridden. */
export async function createImage(
  { aws, ec2 }: Suite,
  input: Partial<ConstructorParameters<typeof CreateImageCommand>[0]> = {},
): Promise<string> {
  const InstanceId =
    input.InstanceId ?? (await aws.control.startInstance({ name: 'service-api' })).instanceId;
  const command = new CreateImageCommand({ Name: imageName(), NoReboot: true, ...input, InstanceId });
  const { ImageId } = await ec2.send(command);
  expect(ImageId).toMatch(/^ami-[0-9a-f]{17}$/);
  return String(ImageId);
}

export async function describeImage({ ec2 }: Suite, imageId: string): Promise<Image> {
  const { Images = [] } = await ec2.send(
    new DescribeImagesCommand({ ImageIds: [imageId], Owners: ['self'] }),
  );
  const [image] = Images;
  if (!image) throw new Error(`No image ${imageId}`);
  return image;
}

export async function untilState(suite: Suite, imageId: string, state: string): Promise<Image> {
  return vi.waitFor(
    async () => {
      const image = await describeImage(suite, imageId);
      expect(image.State).toBe(state);
      return image;
    },
    { timeout: 5000, interval: 50 },
  );
}

/** The name and message of the error that a promise is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return { name: error.name, message: error.message };
  }
  throw new Error('Expected an error');
}

/** Deploys resources as a stack, without the CDK. */
export async function deploy({ aws }: Suite, StackName: string, Resources: object): Promise<void> {
  const cloudFormation = new CloudFormationClient(aws.clientConfig);
  const input = { StackName, TemplateBody: JSON.stringify({ Resources }) };
  await cloudFormation.send(new CreateStackCommand({ ...input, Capabilities: ['CAPABILITY_NAMED_IAM'] }));
  await vi.waitFor(
    async () => {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
      expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE');
    },
    { timeout: 10_000 },
  );
}

export interface Statement {
  Effect: string;
  Action: string[];
  Resource: string[];
  Condition?: object;
}

/** A role of a template, which the services may assume and which may do what the statements say. */
export function role(RoleName: string, Service: string[], ...Statement: Statement[]): object {
  const allowed = { Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' };
  const document = (statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName,
      AssumeRolePolicyDocument: document([allowed]),
      Policies: Statement.length > 0 ? [{ PolicyName: 'p', PolicyDocument: document(Statement) }] : [],
    },
  };
}

export function allow(Action: string[], Resource: string | string[], Condition?: object): Statement {
  return { Effect: 'Allow', Action, Resource: [Resource].flat(), ...(Condition && { Condition }) };
}

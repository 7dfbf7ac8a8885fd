import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AmityStack } from '../../../infra/amity-stack.ts';
import { handlerNames } from '../../../infra/bundle.ts';
import { parseConfig } from '../../../infra/config.ts';
import { regionStacks } from '../../../infra/region-stack.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/**
 * Two receivers, the second told of failures alone; another account and an organization that may request; every stage,
 * and another region; all that builders may be given, and bakes of both kinds of parameters; roles that launch templates
 * may pass, by name and by ARN, and a window for reboots.
 */
export const FULL = {
  retention: {
    deprecateDays: 7,
    disableDays: 10,
    policies: [{ names: ['db-*'], days: 90, keepNewest: 5 }],
    regions: ['eu-west-1'],
  },
  notifications: [
    { format: 'jandi', urlParameter: '/amity/webhook-url' },
    {
      format: 'jandi',
      urlParameter: '/ops/webhook',
      events: ['AmiFailed'],
      kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    },
  ],
  publishers: { accounts: ['444455556666'], organizationId: 'o-abcdefghij' },
  api: { callerAccounts: ['777788889999'] },
  bake: {
    instanceProfiles: ['web-builder', { name: 'db-builder', role: 'db-builder-role' }],
    userDataBuckets: ['amity-user-data'],
    kmsKeyArns: ['arn:aws:kms:us-east-1:111122223333:key/aaaabbbb-12ab-34cd-56ef-1234567890ab'],
  },
  bakes: [
    {
      instanceName: 'service-web',
      baseImage: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
      userData: '#!/bin/sh\ndnf install -y nginx\n',
      schedule: 'cron(0 5 * * ? *)',
      onlyWhenBaseImageChanged: true,
    },
    { instanceName: 'service-db', baseImage: 'resolve:ssm:/golden/db', userData: '#!/bin/sh\ntrue\n' },
  ],
  rollout: {
    instanceRoles: ['service-api', 'arn:aws:iam::111122223333:role/app/service-db'],
    timeZone: 'Asia/Seoul',
  },
  backup: { rebootWindow: '02:00-04:00' },
};

/** Callers that bring the tokens of a CI system. */
export const JWT = {
  api: {
    jwt: {
      issuer: 'https://token.actions.githubusercontent.com',
      audience: 'amity',
      requiredClaims: { repository_id: '4242', ref: ['refs/heads/main', 'refs/heads/release'] },
    },
  },
};

export const OPEN = { api: { authorization: 'none-anyone-may-make-images' } };

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a template holds is what the tests find out
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: Record<string, string>;
}

/** The stack as cdk.json's flags and a configuration make it, over handlers that are not bundled for it. */
export function newStack(input: object = {}): { app: App; stack: AmityStack; others: Stack[] } {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  const outdir = mkdtempSync(join(tmpdir(), 'amity-synth-'));
  const paths = { 'aws:cdk:enable-path-metadata': true };
  const app = new App({ context: { ...context, ...paths }, outdir, analyticsReporting: false });
  const config = parseConfig(input);
  const stack = new AmityStack(app, { config, handlers: emptyHandlers() });
  return { app, stack, others: regionStacks(app, config) };
}

const known = new Map<string, Synthesized>();
type Synthesized = ReturnType<typeof synthesizeAnew>;

/** What the CDK makes of a configuration: once in a worker, for it takes seconds. To be read, not to be changed. */
export function synthesize(config: object = {}): Synthesized {
  const key = JSON.stringify(config);
  const found = known.get(key) ?? synthesizeAnew(config);
  known.set(key, found);
  return found;
}

function synthesizeAnew(config: object) {
  const { stack, others } = newStack(config);
  const template = Template.fromStack(stack).toJSON();
  const all = template.Resources as Record<string, Resource>;
  return {
    template,
    /** What is deployed into other regions. */
    regions: others.map((other) => ({
      name: other.stackName,
      region: other.region,
      template: Template.fromStack(other).toJSON(),
    })),
    outputs: template.Outputs as Record<string, unknown>,
    /** Every resource of a type, by its logical id. */
    of: (type: string): [string, Resource][] => Object.entries(all).filter(([, { Type }]) => Type === type),
    /** The only resource of a type whose logical id begins so. */
    one(type: string, start: string): Resource {
      const found = Object.entries(all).filter(([id, { Type }]) => Type === type && id.startsWith(start));
      if (found.length !== 1) throw new Error(`${found.length} of ${type} begin with ${start}`);
      return found[0]?.[1] as Resource;
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: states of any type
type Definition = { readonly States: Record<string, any> };

/** The states of a state machine of the stack, by the start of its logical id; what CloudFormation puts in by its own name. */
export function definitionOf(start: string): Definition {
  const { DefinitionString } = synthesize().one('AWS::StepFunctions::StateMachine', start).Properties;
  const parts: (object | string)[] = DefinitionString['Fn::Join'][1];
  return JSON.parse(
    parts.map((part) => (typeof part === 'string' ? part : Object.values(part).flat()[0])).join(''),
  );
}

/** `AmiAvailable/Notify2` of a resource: its construct's place in the stack, without what is inside it. */
export const placeOf = ({ Metadata }: Resource): string =>
  (Metadata?.['aws:cdk:path'] ?? '').split('/').slice(1, 3).join('/');

/** `ami-available/notify`: the handler of that place. */
export const handlerOf = (resource: Resource): string =>
  placeOf(resource)
    .replace(/\d+$/, '')
    .replace(/(?<=[a-z0-9])[A-Z]/g, '-$&')
    .toLowerCase();

function emptyHandlers(): string {
  const directory = mkdtempSync(join(tmpdir(), 'amity-handlers-'));
  for (const name of handlerNames()) {
    mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, name, 'index.mjs'), `export const handler = '${name}';`);
  }
  return directory;
}

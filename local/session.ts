import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { deploy, type StackOutputs } from './deploy.ts';
import { type EmbeddedAws, startEmbeddedAws } from './embedded-aws.ts';
import { type Observer, observe } from './observer.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

export const URL_PARAMETER = '/amity/webhook-url';

export interface Session {
  readonly aws: EmbeddedAws;
  readonly outputs: StackOutputs;
  readonly receiver: WebhookReceiver;
  readonly observer: Observer;
  /** The address of `POST /create-ami` on this machine. */
  readonly apiUrl: string;
  /** The address of `POST /bake-ami`. */
  readonly bakeUrl: string;
  /** Deploys over what is there, with other keys of `amity.config.json` than at the start. */
  redeploy(config?: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

export interface SessionOptions {
  /** Tells what is being done, a line each. */
  readonly say?: (line: string) => void;
  readonly pendingSeconds?: number;
  /** Every role of the stack is held to its policies, from the deployment on; default false. */
  readonly enforceIam?: boolean;
  /** Keys of `amity.config.json` that differ from the session's own. */
  readonly config?: Record<string, unknown>;
  /** Default: all of it by the CDK CLI. Tests share what is the same for several sessions. */
  readonly deploy?: typeof deploy;
}

/** Amity, deployed for real on an AWS on this machine, with a webhook receiver and an observer of its bus. */
export async function startSession(options: SessionOptions = {}): Promise<Session> {
  const say = options.say ?? (() => {});
  const closing: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    say('Starting the embedded AWS');
    const { pendingSeconds = 2, enforceIam = false } = options;
    const aws = await startEmbeddedAws({ pendingSeconds, enforceIam, notice: say });
    closing.push(() => aws.stop());
    const receiver = await startWebhookReceiver();
    closing.push(() => receiver.stop());
    await new SSMClient(aws.clientConfig).send(
      new PutParameterCommand({ Name: URL_PARAMETER, Type: 'SecureString', Value: receiver.url }),
    );
    say('Deploying with the CDK, as to any account');
    const deployed = async (config?: Record<string, unknown>) =>
      (options.deploy ?? deploy)(aws, { configPath: await configFile(config, closing) });
    const outputs = await deployed(options.config);
    const observer = await observe(aws.clientConfig, [
      { bus: outputs.BusName, pattern: { account: [aws.account] } },
      { bus: 'default', pattern: { source: ['aws.ec2'] } },
    ]);
    closing.push(() => observer.stop());
    const redeploy = async (config?: Record<string, unknown>) => void (await deployed(config));
    const [apiUrl, bakeUrl] = [aws.localUrl(outputs.ApiUrl), aws.localUrl(outputs.BakeApiUrl)];
    return { aws, outputs, receiver, observer, apiUrl, bakeUrl, redeploy, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The configuration of a session: as shipped, with one receiver. */
async function configFile(
  config: Record<string, unknown> = {},
  closing: (() => Promise<void>)[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'amity-config-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'amity.config.json');
  const notifications = [{ format: 'jandi', urlParameter: URL_PARAMETER }];
  await writeFile(path, JSON.stringify({ notifications, ...config }));
  return path;
}

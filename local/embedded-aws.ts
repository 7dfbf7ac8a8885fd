import { once } from 'node:events';
import { createServer } from 'node:net';
import { delimiter, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Control } from './control.ts';
import { preparePython } from './python.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** The only account that there is. Its id is also its access key. */
export const localAccount = '000000000000';
const host = '127.0.0.1';
const startMs = 60_000;

export interface EmbeddedAwsOptions {
  /** Default `us-east-1`. */
  region?: string;
  /** How long a new image stays pending, in seconds; default 2. `control.setPending` is finer. */
  pendingSeconds?: number;
  /** Enforce IAM from the start; default false. `control.enforceIam` switches it at any time. */
  enforceIam?: boolean;
  /** Each line that the server writes. */
  log?: (line: string) => void;
  /** Told when the Python packages have to be installed first. Default: standard error. */
  notice?: (line: string) => void;
}

export interface EmbeddedAws {
  endpoint: string;
  port: number;
  region: string;
  account: string;
  /** The AWS variables of a child process (the CDK CLI, `aws`). */
  env: Record<string, string>;
  /** The whole environment of a child process: this one's without its own AWS variables, Node first on the PATH. */
  childEnv: Record<string, string>;
  /** For the clients of the SDK. */
  clientConfig: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  control: Control;
  /** The process id of the server. */
  pid: number;
  /** Where an API Gateway URL, as a stack's output has it, is served here. */
  localUrl(deployedUrl: string): string;
  /** Ends the server and its Lambda workers. Can be called again. */
  stop(): Promise<void>;
}

/** Starts an AWS on this machine and waits until it answers. It ends with this process, however that ends. */
export async function startEmbeddedAws(options: EmbeddedAwsOptions = {}): Promise<EmbeddedAws> {
  const region = options.region ?? 'us-east-1';
  const python = await preparePython(options.notice);
  const { server, port, endpoint } = await startOnFreePort(python, region, options);
  const credentials = { accessKeyId: localAccount, secretAccessKey: 'local' };
  const awsEnv = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  return {
    endpoint,
    port,
    region,
    account: localAccount,
    env: awsEnv,
    childEnv: { ...cleanEnv(), ...awsEnv },
    clientConfig: { endpoint, region, credentials },
    control: new Control(endpoint),
    pid: server.pid,
    localUrl: (deployedUrl) => localUrl(endpoint, deployedUrl),
    stop: () => server.stop(),
  };
}

/** This environment without AWS's variables, so that no real credentials go anywhere, and with this Node first. */
function cleanEnv(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|CDK_DEFAULT_|NODE_OPTIONS$)/.test(name),
  );
  const found: Record<string, string> = {};
  for (const [name, value] of kept) if (value !== undefined) found[name] = value;
  found.PATH = [dirname(process.execPath), found.PATH].filter(Boolean).join(delimiter);
  return found;
}

function localUrl(endpoint: string, deployedUrl: string): string {
  const { hostname, pathname, search } = new URL(deployedUrl);
  const api = /^([^.]+)\.execute-api\./.exec(hostname)?.[1];
  if (!api) throw new Error(`Not the URL of an API: ${deployedUrl}`);
  return `${endpoint}/_aws/execute-api/${api}${pathname}${search}`;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}

/** A free port can be taken before the server has it; then it is tried again on another. */
async function startOnFreePort(python: string, region: string, options: EmbeddedAwsOptions, attempt = 1) {
  const port = await freePort();
  const endpoint = `http://${host}:${port}`;
  const env = {
    ...cleanEnv(),
    GATEWAY_PORT: String(port),
    AWS_REGION: region,
    AMITY_PENDING_SECONDS: String(options.pendingSeconds ?? 2),
    AUTH: String(options.enforceIam ?? false),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
  };
  const server = startServer(python, ['-m', 'aws'], { cwd: import.meta.dirname, env, log: options.log });
  if (await becomesHealthy(endpoint, server)) return { server, port, endpoint };
  await server.stop();
  if (attempt < 3 && /address already in use/i.test(server.tail())) {
    return startOnFreePort(python, region, options, attempt + 1);
  }
  throw new Error(`The embedded AWS did not start.\n${server.tail()}`);
}

/** Whether this very server answers, and not another that got the port first. */
async function becomesHealthy(endpoint: string, server: ServerProcess): Promise<boolean> {
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline && !server.hasExited()) {
    try {
      const ask = (path: string) => fetch(`${endpoint}${path}`, { signal: AbortSignal.timeout(2000) });
      const ours = await ask('/_amity/health');
      if (JSON.parse(await ours.text()).pid === server.pid && (await ask('/_ministack/health')).ok)
        return true;
    } catch {
      // Not listening yet.
    }
    await sleep(100);
  }
  return false;
}

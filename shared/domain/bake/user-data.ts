import { wrapper } from './wrapper.ts';

/** What a builder is to run: a text, or where such a text lies and how it begins. */
export type Script =
  | { readonly text: string }
  | {
      /** From where anyone who knows it can read it, for as long as it takes to boot. */
      readonly url: string;
      readonly isCloudConfig: boolean;
    };

export interface Signalling {
  readonly taskToken: string;
  readonly region: string;
  /** Of Step Functions. */
  readonly endpoint: string;
}

/** EC2's limit, before the text is base64. Bytes.
 *  Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
export const MOST_USER_DATA_BYTES = 16 * 1024;

/** The line that ends the user's part. */
export const END_OF_SCRIPT = 'AMITY_USER_DATA';

const BOUNDARY = 'AMITY';

/**
 * The user data of a builder: the user's part, and around it what runs it, cleans up after it and tells its result. A shell
 * script is within the wrapper; a `#cloud-config` goes beside it, for cloud-init to read.
 * Source: https://docs.cloud-init.io/en/latest/explanation/format.html
 */
export function userDataFor(script: Script, signalling: Signalling): string {
  if ('text' in script && !isCloudConfig(script.text)) {
    return begin(signalling) + hereDocument(script.text) + wrapper.runScript;
  }
  if ('url' in script && !script.isCloudConfig) {
    return `${begin(signalling)}curl -fsSL --retry 5 -o run ${quoted(script.url)} || ${NOT_FETCHED}\n${wrapper.runScript}`;
  }
  const theirs =
    'url' in script ? part('x-include-url', `#include\n${script.url}\n`) : part('cloud-config', script.text);
  const ours = part('x-shellscript', begin(signalling) + wrapper.askCloudInit);
  return `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=${BOUNDARY}\n\n${theirs}${ours}--${BOUNDARY}--\n`;
}

/** In its place, something that says so and fails. */
const NOT_FETCHED = String.raw`printf '#!/bin/sh\necho "The user data could not be fetched from S3"\nexit 1\n' >run`;

export const isCloudConfig = (text: string): boolean => text.startsWith('#cloud-config');

const begin = ({ taskToken, region, endpoint }: Signalling): string =>
  [
    '#!/bin/sh',
    `export AMITY_TASK_TOKEN=${quoted(taskToken)} AMITY_REGION=${quoted(region)}`,
    `url=\${AWS_ENDPOINT_URL:-${endpoint}}`,
    wrapper.begin,
  ].join('\n');

/** Quoted at its beginning, so that the shell takes every character for itself. */
const hereDocument = (text: string): string =>
  `cat >run <<'${END_OF_SCRIPT}'\n${text}${text.endsWith('\n') ? '' : '\n'}${END_OF_SCRIPT}\n`;

/**
 * Cloud-init takes what is not ASCII in a part for Latin-1, or for an escape, unless it is encoded; and a line that is the
 * boundary would end the part.
 * Source: https://github.com/canonical/cloud-init/blob/main/cloudinit/user_data.py
 */
function part(type: string, content: string): string {
  const isPlain = !/\P{ASCII}|^--AMITY/mu.test(content);
  const encoding = isPlain ? '' : '\nContent-Transfer-Encoding: quoted-printable';
  const text = isPlain ? content : content.replace(/[=\P{ASCII}]|^-/gmu, quotedPrintable);
  return `--${BOUNDARY}\nContent-Type: text/${type}${encoding}\n\n${text}${text.endsWith('\n') ? '' : '\n'}`;
}

const quotedPrintable = (character: string): string =>
  Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '=$&');

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

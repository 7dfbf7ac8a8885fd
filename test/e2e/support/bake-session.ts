import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import type { EmbeddedAws } from '../../../local/embedded-aws.ts';
import { NOTHING } from './bakes.ts';
import { addProfile } from './instance-profiles.ts';
import { type Session, startSession } from './session.ts';

/** Baked every minute, if there is something new. */
export const NIGHTLY = { instanceName: 'nightly', parameter: '/aws/service/amity-test/nightly' };
/** Baked at a time that no test sees, if there is something new. */
export const YEARLY = { instanceName: 'yearly', parameter: '/aws/service/amity-test/yearly' };
/** Baked when a parameter of this account is written. */
export const OWN = { instanceName: 'own-base', parameter: '/amity-test/base' };
/** An instance profile that a request may name, and its role. */
export const PROFILE = 'listed-builder';
/** Where scripts may lie. */
export const SCRIPTS = 'amity-test-scripts';

/** The session that the suites of this folder share: one deployment, with IAM enforced. */
export let session: Session;
/** Those of the configuration, in its order. */
export let subnets: string[] = [];

export function useBakeSession(): void {
  beforeAll(async () => {
    session = await startSession({ enforceIam: true, prepare });
  });
  afterAll(() => session?.stop());
}

/** What a configuration of bakes names has to be there before; ids of subnets are EC2's own. */
async function prepare(aws: EmbeddedAws): Promise<Record<string, unknown>> {
  const { Subnets = [] } = await new EC2Client(aws.clientConfig).send(new DescribeSubnetsCommand({}));
  subnets = Subnets.slice(0, 2).map(({ SubnetId }) => SubnetId ?? '');
  await new S3Client({ ...aws.clientConfig, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: SCRIPTS }),
  );
  await addProfile({ aws }, PROFILE);
  const standing = ({ instanceName, parameter }: typeof OWN, more: object = {}) => ({
    instanceName,
    baseImage: `resolve:ssm:${parameter}`,
    userData: NOTHING,
    ...more,
  });
  return {
    bake: { subnetIds: subnets, instanceProfiles: [PROFILE], userDataBuckets: [SCRIPTS] },
    bakes: [
      standing(NIGHTLY, { schedule: 'rate(1 minute)', onlyWhenBaseImageChanged: true }),
      standing(YEARLY, { schedule: 'cron(0 0 1 1 ? *)', onlyWhenBaseImageChanged: true }),
      standing(OWN),
    ],
  };
}

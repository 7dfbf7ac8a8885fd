import { afterAll, beforeAll } from 'vitest';
import { QUICK, ROLE } from './quick.ts';
import { callIam } from './roles.ts';
import { type Session, startSession } from './session.ts';

/** A role that no launch template may pass. */
export const OTHER_ROLE = 'another';

/** The session that the suites of this folder share: one deployment, with IAM enforced. */
export let session: Session;

export function useRolloutSession(): void {
  beforeAll(async () => {
    session = await startSession({ enforceIam: true, config: QUICK });
    for (const role of [ROLE, OTHER_ROLE]) await addProfile(role);
  });
  afterAll(() => session?.stop());
}

/** An instance profile and its role, both of that name. */
async function addProfile(name: string): Promise<void> {
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await callIam(session, 'CreateRole', { RoleName: name, AssumeRolePolicyDocument });
  await callIam(session, 'CreateInstanceProfile', { InstanceProfileName: name });
  await callIam(session, 'AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: name });
}

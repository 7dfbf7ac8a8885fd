import type { Session } from '../../../local/session.ts';
import { callIam } from './roles.ts';

/** An instance profile, and in it a role of the same name. */
export async function addProfile(session: Pick<Session, 'aws'>, name: string): Promise<void> {
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await callIam(session, 'CreateRole', { RoleName: name, AssumeRolePolicyDocument });
  await callIam(session, 'CreateInstanceProfile', { InstanceProfileName: name });
  await callIam(session, 'AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: name });
}

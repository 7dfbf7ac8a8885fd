import { GetInstanceProfileCommand, IAMClient, NoSuchEntityException } from '@aws-sdk/client-iam';
import { requestHandler } from '../clients.ts';

/** As rollouts and moves tell it. */
interface Refused {
  readonly code: 'pass-role';
  readonly message: string;
}

const client = new IAMClient({ requestHandler, maxAttempts: 5 });

/**
 * Why the role of an instance profile may not be passed to instances; nothing, where it is listed, or where there is none.
 * @param listed names or ARNs of roles
 */
export async function roleRefused(
  profile: string | undefined,
  listed: readonly string[],
): Promise<Refused | undefined> {
  if (!profile) return undefined;
  const refused = (what: string): Refused => ({
    code: 'pass-role',
    message: `The instance profile ${profile} ${what}.`,
  });
  try {
    const { InstanceProfile } = await client.send(
      new GetInstanceProfileCommand({ InstanceProfileName: profile }),
    );
    const roles = InstanceProfile?.Roles ?? [];
    const unlisted = roles.find(
      ({ Arn = '', RoleName = '' }) => !listed.includes(Arn) && !listed.includes(RoleName),
    );
    return (
      unlisted && refused(`has the role ${unlisted.RoleName}, which rollout.instanceRoles does not list`)
    );
  } catch (error) {
    if (error instanceof NoSuchEntityException) return refused('does not exist');
    throw error;
  }
}

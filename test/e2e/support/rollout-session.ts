import { afterAll, beforeAll } from 'vitest';
import { addProfile } from './instance-profiles.ts';
import { QUICK, ROLE } from './quick.ts';
import { type Session, startSession } from './session.ts';

/** A role that no launch template may pass. */
export const OTHER_ROLE = 'another';

/** The session that the suites of this folder share: one deployment, with IAM enforced. */
export let session: Session;

export function useRolloutSession(): void {
  beforeAll(async () => {
    session = await startSession({ enforceIam: true, config: QUICK });
    for (const role of [ROLE, OTHER_ROLE]) await addProfile(session, role);
  });
  afterAll(() => session?.stop());
}

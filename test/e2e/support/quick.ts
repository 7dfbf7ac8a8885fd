/** The role that launch templates may pass. */
export const ROLE = 'listed';

/** What several test files deploy, so that it is synthesized once for all of them: whatever waits looks again soon. */
export const QUICK = {
  waiter: { pollSeconds: 2, timeoutMinutes: 30 },
  rollout: { instanceRoles: [ROLE] },
};

import { ec2ErrorFacts } from '../ec2.ts';

/** Users by the id of what they use. */
export function usersById(uses: Iterable<readonly [id: string, user: string]>): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const [id, user] of uses) {
    const known = users.get(id);
    if (!known) users.set(id, [user]);
    else if (!known.includes(user)) known.push(user);
  }
  return users;
}

/** A source that cannot be read, and why. */
export function unreadable(source: string, error: unknown): string {
  const { name, message } = ec2ErrorFacts(error);
  return `${source}: ${name}: ${message}`;
}

import type { LaunchPermission } from '@aws-sdk/client-ec2';
import { fullyRead, type ImageFacts, together, type Uses } from '../../domain/retention/facts.ts';
import { ec2ErrorFacts } from '../ec2.ts';
import { referencesTo } from '../uses/references.ts';
import { sharesOf } from '../uses/shares.ts';
import { unreadable } from '../uses/users.ts';
import { GONE } from './delete-image.ts';
import type { Scope } from './scope.ts';
import { lookAgain, type Survey } from './survey.ts';

export interface Answer {
  /** Those of the images that are still there. */
  readonly images: ReadonlyMap<string, ImageFacts>;
  readonly uses: Uses;
  /** Of the images that are shared: with whom. */
  readonly permissions: ReadonlyMap<string, LaunchPermission[]>;
}

/** How often is asked again because one of the images went away meanwhile. */
const ROUNDS = 3;

/**
 * Who uses these images (ten at most), as far as EC2 tells it only image by image; asked just before they are touched.
 * @param order whether usage reports that are missing are ordered, for a later run
 */
export async function askAbout(
  images: readonly ImageFacts[],
  surveyed: Pick<Survey, 'followed'>,
  scope: Scope,
  order: boolean,
): Promise<Answer> {
  let there = [...images];
  for (let round = 1; there.length > 0; round += 1) {
    try {
      return await ask(there, surveyed, scope, order);
    } catch (error) {
      // EC2 answers nothing at all when one of the images is gone: what is left is worth another look.
      if (!GONE.test(ec2ErrorFacts(error).name) || round === ROUNDS) {
        const uses = { users: new Map(), unread: [unreadable('image references', error)] };
        return { images: byId(there), uses, permissions: new Map() };
      }
      const ids = there.map(({ imageId }) => imageId);
      there = await lookAgain(ids, scope.region);
    }
  }
  return { images: new Map(), uses: fullyRead(new Map()), permissions: new Map() };
}

async function ask(
  images: readonly ImageFacts[],
  { followed }: Pick<Survey, 'followed'>,
  { region, retention, now }: Scope,
  order: boolean,
): Promise<Answer> {
  const { launchTemplateVersions } = retention;
  const ids = images.map(({ imageId }) => imageId);
  // EC2 has dropped a disabled image's launch permissions.
  const launchable = images.filter(({ state }) => state !== 'disabled').map(({ imageId }) => imageId);
  const [references, shares] = await Promise.all([
    referencesTo(ids, { region, launchTemplateVersions, followed }),
    sharesOf(launchable, { region, now, order }),
  ]);
  const uses = together(fullyRead(references), fullyRead(shares.users));
  return { images: byId(images), uses, permissions: shares.permissions };
}

const byId = (images: readonly ImageFacts[]) => new Map(images.map((image) => [image.imageId, image]));

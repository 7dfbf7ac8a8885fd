import type { Place } from './newest.ts';

/** What Amity did to a launch template last. */
export interface Rollout {
  readonly kind: 'out' | 'back';
  readonly launchTemplateId: string;
  readonly version: number;
  readonly imageId: string;
  readonly previousVersion: number;
  readonly previousImageId?: string | undefined;
  readonly instanceName: string;
  readonly requestId: string;
  /** ISO 8601: when it was decided. */
  readonly at: string;
  /** Whether its groups' refreshes were begun, and it was told. */
  readonly announced: boolean;
}

/** What is known of a launch template that follows a name, or of a name's pointer. */
export interface Entry {
  readonly id: string;
  readonly rollout?: Rollout | undefined;
  /** The image that was in force last, with its date: EC2 forgets the date when the image is gone. */
  readonly present?: Place | undefined;
  /** The newest image that was rolled back here. */
  readonly floor?: Place | undefined;
  /** What was told last of what is not done, so that it is told once. */
  readonly told?: string | undefined;
  /** Of a pointer: whose it is. */
  readonly instanceName?: string | undefined;
}

export const templateEntry = (templateId: string): string => `template#${templateId}`;
export const pointerEntry = (parameterName: string): string => `pointer#${parameterName}`;

/** One version of a launch template. */
export interface TemplateVersion {
  readonly templateId: string;
  readonly templateName: string;
  readonly version: number;
  readonly isDefault: boolean;
  /** An image id, or `resolve:ssm:…`. */
  readonly image: string | undefined;
  readonly snapshotIds: readonly string[];
  readonly description: string;
}

/** What a group, or somebody else, starts instances from. */
export interface TemplateChoice {
  readonly templateId?: string | undefined;
  readonly templateName?: string | undefined;
  /** A number, `$Latest` or `$Default`; EC2 takes the default where none is given. */
  readonly version: string;
  readonly user: string;
}

/** The version that is meant, among those that are known of its template; twice where it was read twice. */
export function chosenBy(choice: TemplateChoice, known: readonly TemplateVersion[]): TemplateVersion[] {
  const { templateId, templateName, version: wanted } = choice;
  const of = known.filter((each) =>
    templateId ? each.templateId === templateId : each.templateName === templateName,
  );
  const latest = Math.max(...of.map(({ version }) => version));
  return of.filter(({ version, isDefault }) => {
    if (wanted === '$Latest') return version === latest;
    return wanted === '$Default' ? isDefault : String(version) === wanted;
  });
}

/** How a rollout describes the versions that it makes, and the version that it would go back to. */
const OURS = /^amity: .*?(?:from version (\d+))?$/s;

export const describeVersion = (imageId: string, requestId: string, previousVersion: number): string =>
  `amity: ${imageId}, request ${requestId}, from version ${previousVersion}`;

/** The version that a rollout would set again, as the version in force says it. */
export function rollbackVersion({ description }: Pick<TemplateVersion, 'description'>): number | undefined {
  const version = OURS.exec(description)?.[1];
  return version === undefined ? undefined : Number(version);
}

/**
 * Whether one of a template's newest versions is a use of that image. A template that follows a name gets a version
 * with every image: those that Amity made count only where they are in force, which is known from other sources
 * (default, latest, group, rollback). What is not among these versions is not known, and counts.
 */
export function isUse(imageId: string, newest: readonly TemplateVersion[]): boolean {
  const having = newest.filter(({ image }) => image === imageId);
  return having.length === 0 || having.some(({ description }) => !OURS.test(description));
}

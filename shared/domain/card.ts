import type { AmiAvailable } from '../events/ami-available.ts';
import type { AmiCleaned } from '../events/ami-cleaned.ts';
import type { AmiFailed } from '../events/ami-failed.ts';
import type { AmiRestoreFailed } from '../events/ami-restore-failed.ts';
import type { AmiRestored } from '../events/ami-restored.ts';

/** A JANDI incoming-webhook message. Source: https://support.jandi.com/en/articles/6352697 */
export interface JandiCard {
  readonly body: string;
  readonly connectColor: string;
  readonly connectInfo: readonly { readonly title: string; readonly description: string }[];
}

export const GREEN = '#28a745';
export const RED = '#dc3545';
export const BLUE = '#007bff';
/** A card is read on a phone: after this many lines comes a count. */
const MOST_LINES = 5;

/** A card of one section: what there is to be said, line by line. */
export const card = (
  connectColor: string,
  body: string,
  title: string,
  lines: readonly (string | undefined)[],
): JandiCard => ({
  body,
  connectColor,
  connectInfo: [{ title, description: lines.filter(Boolean).join('\n') }],
});

/** Fixed by the contract, to the letter. */
export const availableCard = (image: Pick<AmiAvailable, 'imageId' | 'imageName'>): JandiCard => ({
  body: 'AMI Is Available.',
  connectColor: GREEN,
  connectInfo: [
    {
      title: 'Complete AMI Create. AMI State Available.',
      description: `AMI ID: ${image.imageId}, Name: ${image.imageName}`,
    },
  ],
});

export const failedCard = (failed: AmiFailed): JandiCard =>
  card(RED, 'AMI Has Failed.', `AMI Create Failed. ${failed.code}`, [
    failed.message,
    failed.output && lastOf(failed.output),
    failed.instanceName && `Instance Name: ${failed.instanceName}`,
    failed.imageId && `AMI ID: ${failed.imageId}, Name: ${failed.imageName ?? 'unknown'}`,
    `Request ID: ${failed.requestId}, Attempt: ${failed.attempt}`,
  ]);

/** A summary and the first few of each kind: a card is read on a phone, the event has them all. */
export function cleanedCard(cleaned: AmiCleaned): JandiCard {
  const { counts, part, parts, bytes, deprecated = [], disabled = [] } = cleaned;
  const old = (image: AmiCleaned['kept'][number] | AmiCleaned['deleted'][number]) =>
    `${named(image)} (${image.ageDays} days)`;
  const sections = [
    section('Deleted', cleaned.deleted, old),
    section('Disabled', disabled, (image) => `${named(image)} (${image.ageDays} days)`),
    section('Deprecated', deprecated, (image) => `${named(image)} (${image.ageDays} days)`),
    section('Kept', cleaned.kept, (image) => `${old(image)}: ${image.reason}`),
    section('Failed', cleaned.failed, (item) => `${named(item)}: ${item.code}: ${item.message}`),
  ];
  return {
    body: 'AMI Has Been Cleaned.',
    connectColor: counts.failed > 0 ? RED : BLUE,
    connectInfo: [
      {
        title: `AMI Clean Up: ${cleaned.instanceName ?? 'all names'}.${parts > 1 ? ` Part ${part} of ${parts}.` : ''}`,
        description: [
          `Deleted: ${counts.deleted}${bytes > 0 ? ` (up to ${gigabytes(bytes)} GB)` : ''}`,
          counts.disabled && `Disabled: ${counts.disabled}`,
          counts.deprecated && `Deprecated: ${counts.deprecated}`,
          `Kept: ${counts.kept}`,
          `Failed: ${counts.failed}`,
        ]
          .filter(Boolean)
          .join(', '),
      },
      ...sections.filter((info) => info.description !== ''),
    ],
  };
}

export const restoredCard = (restored: AmiRestored): JandiCard =>
  card(GREEN, 'AMI Has Been Restored.', 'AMI Restore Complete.', [
    `AMI ID: ${restored.imageId}, Name: ${restored.imageName}`,
    `Undone: ${restored.undone.join(', ') || 'nothing, it was in service'}`,
  ]);

export const restoreFailedCard = (failed: AmiRestoreFailed): JandiCard =>
  card(RED, 'AMI Has Not Been Restored.', `AMI Restore Failed. ${failed.code}`, [
    failed.imageId && `AMI ID: ${failed.imageId}`,
    failed.message,
  ]);

/** The event has more of it. */
const lastOf = (output: string) => output.trimEnd().split('\n').slice(-MOST_LINES).join('\n').slice(-500);

/** As AWS bills: 1 GB of a snapshot is 2^30 bytes. Rounded up: it is an upper bound. */
function gigabytes(bytes: number): string {
  const gb = bytes / 1024 ** 3;
  return gb < 10 ? (Math.ceil(gb * 10) / 10).toFixed(1) : String(Math.ceil(gb));
}

const named = ({ imageId, imageName }: { imageId?: string | undefined; imageName?: string | undefined }) =>
  [imageId, imageName].filter(Boolean).join(', ') || 'run';

function section<Item>(title: string, items: readonly Item[], line: (item: Item) => string) {
  const lines = items.slice(0, MOST_LINES).map(line);
  if (items.length > MOST_LINES) lines.push(`… and ${items.length - MOST_LINES} more`);
  return { title, description: lines.join('\n') };
}

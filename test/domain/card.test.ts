import { describe, expect, it } from 'vitest';
import {
  availableCard,
  cleanedCard,
  failedCard,
  type JandiCard,
  restoredCard,
  restoreFailedCard,
} from '../../shared/domain/card.ts';
import { AmiCleaned } from '../../shared/events/ami-cleaned.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import { AmiRestoreFailed } from '../../shared/events/ami-restore-failed.ts';
import { AmiRestored } from '../../shared/events/ami-restored.ts';
import { example } from '../support/events.ts';

const failed = AmiFailed.decode(example('ami-failed'));
const cleaned = AmiCleaned.decode(example('ami-cleaned'));

it('the contract’s card, to the letter', () => {
  const card = availableCard({ imageId: 'ami-0123', imageName: 'my-app-Deploy-2025-06-05_12_00' });
  expect(JSON.stringify(card)).toBe(
    '{"body":"AMI Is Available.","connectColor":"#28a745","connectInfo":[{"title":"Complete AMI Create. AMI State Available.","description":"AMI ID: ami-0123, Name: my-app-Deploy-2025-06-05_12_00"}]}',
  );
});

describe('failedCard', () => {
  it('says what failed, why, and how to find it', () => {
    const card = failedCard({ ...failed, imageId: 'ami-0123', imageName: 'my-image' });
    expect(card).toMatchObject({ body: 'AMI Has Failed.', connectColor: '#dc3545' });
    expect(card.connectInfo[0]?.title).toBe('AMI Create Failed. no-running-instance');
    expect(card.connectInfo[0]?.description.split('\n')).toEqual([
      failed.message,
      'Instance Name: service-api',
      'AMI ID: ami-0123, Name: my-image',
      `Request ID: ${failed.requestId}, Attempt: 1`,
    ]);
  });

  it('leaves out what is not known', () => {
    const { instanceName: _, ...unnamed } = failed;
    expect(failedCard(unnamed).connectInfo[0]?.description).not.toMatch(/undefined|Instance Name|AMI ID/);
  });
});

describe('cleanedCard', () => {
  const lines = (card: JandiCard) =>
    card.connectInfo.map(({ title, description }) => `${title} | ${description}`);
  const nothing = { deleted: [], kept: [], failed: [], deprecated: [], disabled: [] };
  const GB = 1024 ** 3;

  it('counts, then names what was deleted, disabled, deprecated, kept and failed', () => {
    const card = cleanedCard(cleaned);
    expect(card).toMatchObject({ body: 'AMI Has Been Cleaned.', connectColor: '#dc3545' });
    expect(lines(card)).toEqual([
      'AMI Clean Up: all names. | Deleted: 1 (up to 8.0 GB), Disabled: 1, Deprecated: 1, Kept: 1, Failed: 1',
      'Deleted | ami-00000000000000001, service-api-Deploy-2025-06-01_12_00 (18 days)',
      'Disabled | ami-00000000000000004, service-api-Deploy-2025-06-09_12_00 (10 days)',
      'Deprecated | ami-00000000000000005, service-worker-Deploy-2025-06-12_12_00 (7 days)',
      'Kept | ami-00000000000000002, service-api-Deploy-2025-06-02_12_00 (17 days): in use: instance/i-0123456789abcdef0',
      expect.stringMatching(/^Failed \| ami-00000000000000003.*UnauthorizedOperation/),
    ]);
  });

  it('is blue when nothing failed, and leaves out empty sections', () => {
    const card = cleanedCard({
      ...cleaned,
      ...nothing,
      deleted: cleaned.deleted,
      counts: { deleted: 1, kept: 0, failed: 0 },
      instanceName: 'service-api',
    });
    expect(card.connectColor).toBe('#007bff');
    expect(card.connectInfo.map(({ title }) => title)).toEqual(['AMI Clean Up: service-api.', 'Deleted']);
  });

  it('is readable at 50 deletions: a summary, the first five, a count of the others', () => {
    const deleted = Array.from({ length: 50 }, (_, index) => ({
      imageId: `ami-000000000000000${index + 10}`,
      imageName: `service-api-Deploy-2025-03-${index}`,
      ageDays: 90 - index,
      snapshotIds: ['snap-1', 'snap-2'],
      bytes: 16 * GB,
    }));
    const counts = { deleted: 50, kept: 0, failed: 0 };
    const card = cleanedCard({ ...cleaned, ...nothing, deleted, counts, bytes: 50 * 16 * GB });
    const [summary, list, ...more] = card.connectInfo;
    expect(summary?.description).toBe('Deleted: 50 (up to 800 GB), Kept: 0, Failed: 0');
    expect(list?.description.split('\n')).toEqual([
      ...[0, 1, 2, 3, 4].map(
        (index) =>
          `ami-000000000000000${index + 10}, service-api-Deploy-2025-03-${index} (${90 - index} days)`,
      ),
      '… and 45 more',
    ]);
    expect(more).toEqual([]);
    expect(JSON.stringify(card).length).toBeLessThan(1_000);
  });

  it.each([
    [0, 'Deleted: 1, Kept'],
    [GB / 2, '(up to 0.5 GB)'],
    [8 * GB, '(up to 8.0 GB)'],
    [100 * GB, '(up to 100 GB)'],
  ])('%d bytes: %s', (bytes, shown) => {
    const counts = { deleted: 1, kept: 0, failed: 0 };
    expect(cleanedCard({ ...cleaned, counts, bytes }).connectInfo[0]?.description).toContain(shown);
  });

  it('shows five of each kind, and says which part it is', () => {
    const six = <Item>(items: readonly Item[] = []) => Array.from({ length: 6 }, () => items).flat();
    const { connectInfo } = cleanedCard({
      ...cleaned,
      deleted: six(cleaned.deleted),
      disabled: six(cleaned.disabled),
      deprecated: six(cleaned.deprecated),
      kept: six(cleaned.kept),
      failed: six(cleaned.failed),
      part: 2,
      parts: 3,
    });
    const [summary, ...sections] = connectInfo;
    expect(summary?.title).toContain('Part 2 of 3.');
    expect(sections).toHaveLength(5);
    for (const { description } of sections) {
      expect(description.split('\n')).toHaveLength(6);
      expect(description).toMatch(/… and 1 more$/);
    }
  });

  it('a failure of the whole run names no image', () => {
    const failed = [{ code: 'stopped', message: 'too many' }];
    const counts = { deleted: 0, kept: 0, failed: 1 };
    expect(lines(cleanedCard({ ...cleaned, ...nothing, failed, counts, bytes: 0 }))).toEqual([
      'AMI Clean Up: all names. | Deleted: 0, Kept: 0, Failed: 1',
      'Failed | run: stopped: too many',
    ]);
  });
});

describe('restoredCard', () => {
  const restored = AmiRestored.decode(example('ami-restored'));

  it.each<[AmiRestored['undone'], string]>([
    [['delete', 'disable'], 'delete, disable'],
    [[], 'nothing, it was in service'],
  ])('says from which stages: %o', (undone, told) => {
    const card = restoredCard({ ...restored, undone });
    expect(card).toMatchObject({ body: 'AMI Has Been Restored.', connectColor: '#28a745' });
    expect(card.connectInfo[0]?.description).toBe(
      `AMI ID: ${restored.imageId}, Name: ${restored.imageName}\nUndone: ${told}`,
    );
  });
});

describe('restoreFailedCard', () => {
  const notRestored = AmiRestoreFailed.decode(example('ami-restore-failed'));

  it('says what failed and why', () => {
    const card = restoreFailedCard({ ...notRestored, imageId: 'ami-0123' });
    expect(card).toMatchObject({ body: 'AMI Has Not Been Restored.', connectColor: '#dc3545' });
    expect(card.connectInfo).toEqual([
      {
        title: `AMI Restore Failed. ${notRestored.code}`,
        description: `AMI ID: ami-0123\n${notRestored.message}`,
      },
    ]);
  });

  it('leaves out an image that is not known', () => {
    const { imageId: _, ...unknown } = notRestored;
    expect(restoreFailedCard(unknown).connectInfo[0]?.description).toBe(notRestored.message);
  });
});

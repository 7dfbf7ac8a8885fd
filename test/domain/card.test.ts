import { describe, expect, it } from 'vitest';
import { availableCard, cleanedCard, failedCard } from '../../shared/domain/card.ts';
import { AmiCleaned } from '../../shared/events/ami-cleaned.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
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
  it('counts, then names what was deleted, kept and failed', () => {
    const card = cleanedCard(cleaned);
    expect(card).toMatchObject({ body: 'AMI Has Been Cleaned.', connectColor: '#dc3545' });
    expect(card.connectInfo.map(({ title, description }) => `${title} | ${description}`)).toEqual([
      'AMI Clean Up: all names. | Deleted: 1, Kept: 1, Failed: 1',
      'Deleted | ami-00000000000000001, service-api-Deploy-2025-06-01_12_00 (18 days)',
      'Kept | ami-00000000000000002, service-api-Deploy-2025-06-02_12_00 (17 days): in use: instance/i-0123456789abcdef0',
      expect.stringMatching(/^Failed \| ami-00000000000000003.*UnauthorizedOperation/),
    ]);
  });

  it('is blue when nothing failed, and leaves out empty sections', () => {
    const card = cleanedCard({
      ...cleaned,
      counts: { deleted: 1, kept: 0, failed: 0 },
      kept: [],
      failed: [],
      instanceName: 'service-api',
    });
    expect(card.connectColor).toBe('#007bff');
    expect(card.connectInfo.map(({ title }) => title)).toEqual(['AMI Clean Up: service-api.', 'Deleted']);
  });

  it('shows ten lines of a section and counts the others; says which part it is', () => {
    const [one] = cleaned.deleted;
    const deleted = Array.from({ length: 13 }, () => one).flatMap((each) => each ?? []);
    const { connectInfo } = cleanedCard({ ...cleaned, deleted, part: 2, parts: 3 });
    expect(connectInfo[0]?.title).toContain('Part 2 of 3.');
    expect(connectInfo[1]?.description.split('\n')).toHaveLength(11);
    expect(connectInfo[1]?.description).toMatch(/… and 3 more$/);
  });
});

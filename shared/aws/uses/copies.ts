import { paginateDescribeImages } from '@aws-sdk/client-ec2';
import { ec2In } from '../ec2.ts';
import { usersById } from './users.ts';

/** The images of a region of which a copy is under way, in that region or in another one that Amity looks into. */
export async function usedByCopies(
  region: string,
  regions: readonly string[],
): Promise<Map<string, string[]>> {
  const copies = await Promise.all(
    [...new Set([region, ...regions])].map((each) => copiesUnderWay(each, region)),
  );
  return usersById(copies.flat());
}

async function copiesUnderWay(into: string, from: string): Promise<[id: string, user: string][]> {
  const uses: [id: string, user: string][] = [];
  const pages = paginateDescribeImages(
    { client: ec2In(into) },
    { Owners: ['self'], Filters: [{ Name: 'state', Values: ['pending'] }], MaxResults: 1000 },
  );
  for await (const { Images = [] } of pages) {
    for (const { ImageId, SourceImageId, SourceImageRegion = into } of Images)
      if (SourceImageId && SourceImageRegion === from)
        uses.push([SourceImageId, `copy ${ImageId} in ${into}`]);
  }
  return uses;
}

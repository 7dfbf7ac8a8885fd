import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';

const TAGGED = 'Image and snapshot ids are not known beforehand: conditions on our tags say which ones.';

/** Why a resource ends in a star. One that is not listed here is a finding of cdk-nag. */
const REASONS: readonly (readonly [resource: RegExp, reason: string])[] = [
  [/^\*$/, 'X-Ray, what only describes, and what DescribeImageReferences looks into know no resources.'],
  [/:instance\/\*$/, 'Whoever may ask names the instance; it is imaged, and by default not even rebooted.'],
  [/::(image|snapshot)\/\*$/, TAGGED],
  [/:image-usage-report\/\*$/, 'A report is made for an image of ours: the id comes with the answer.'],
  [
    /:key\/\*$/,
    "SSM's own key has no ARN to be known beforehand: only through SSM, and only for that parameter.",
  ],
];

/** The wildcards of some statements, as cdk-nag names them, and why they are there. */
export const wildcards = (statements: readonly PolicyStatement[]): [finding: string, reason: string][] =>
  statements
    .flatMap(({ resources }) => resources)
    .flatMap((resource) => {
      const [, reason] = REASONS.find(([pattern]) => pattern.test(resource)) ?? [];
      return reason ? [[`IAM5[Resource::${readable(resource)}]`, reason]] : [];
    });

const readable = (resource: string) =>
  resource
    .replaceAll(Aws.PARTITION, '<AWS::Partition>')
    .replaceAll(Aws.REGION, '<AWS::Region>')
    .replaceAll(Aws.ACCOUNT_ID, '<AWS::AccountId>');

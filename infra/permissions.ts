import { Aws } from 'aws-cdk-lib';
import type { ITableRef } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { type Conditions, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { INSTANCE_NAME_TAG, REQUEST_ID_TAG } from '../shared/domain/ownership.ts';
import { OUR_SOURCE } from '../shared/events/event.ts';

/** Exact actions on exact resources: what a role may do is read here, not inferred from grants. */
export const allow = (actions: string[], resources: string[], conditions?: Conditions): PolicyStatement =>
  new PolicyStatement({ actions, resources, ...(conditions && { conditions }) });

type EntryKeys = Partial<Record<'events:detail-type' | 'events:source', readonly string[]>>;

/**
 * Both keys are lists, of what all entries of a call have: each is to be among ours. For an empty list that is
 * true too, hence the Null check. A StringEquals refuses a list of two, even of two that it allows.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html and
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
 */
export const onlyEntries = (keys: EntryKeys): Conditions => ({
  'ForAllValues:StringEquals': keys,
  Null: Object.fromEntries(Object.keys(keys).map((key) => [key, 'false'])),
});

/** Each function announces its own events and no other's. */
export const putEvents = (bus: EventBus, ...events: { readonly detailType: string }[]): PolicyStatement =>
  allow(
    ['events:PutEvents'],
    [bus.eventBusArn],
    onlyEntries({
      'events:detail-type': events.map(({ detailType }) => detailType),
      'events:source': [OUR_SOURCE],
    }),
  );

export const useTable = (table: ITableRef, ...actions: string[]): PolicyStatement =>
  allow(
    actions.map((action) => `dynamodb:${action}`),
    [table.tableRef.tableArn],
  );

/**
 * EC2's Describe actions know no resources.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export const describe = (...actions: string[]): PolicyStatement =>
  allow(
    actions.map((action) => `ec2:${action}`),
    ['*'],
  );

/** Images and snapshots carry no account in their ARNs. */
const inRegions =
  (resource: string) =>
  (others: readonly string[] = []): string[] =>
    [Aws.REGION, ...others].map((region) => `arn:${Aws.PARTITION}:ec2:${region}::${resource}/*`);

export const IMAGES = inRegions('image');
export const SNAPSHOTS = inRegions('snapshot');
const INSTANCES = `arn:${Aws.PARTITION}:ec2:${Aws.REGION}:${Aws.ACCOUNT_ID}:instance/*`;

/** Keys of SSM's own alias: see readSecret. */
const ANY_KEY = `arn:${Aws.PARTITION}:kms:${Aws.REGION}:${Aws.ACCOUNT_ID}:key/*`;

/**
 * Any instance may be imaged, but only into an image and snapshots that say whose they are; tags are set by
 * that same call alone. EC2 wants separate statements, because an instance has no request tags.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
 */
export const createImages = (): PolicyStatement[] => [
  allow(['ec2:CreateImage'], [INSTANCES]),
  allow(['ec2:CreateImage'], [...IMAGES(), ...SNAPSHOTS()], {
    Null: {
      [`aws:RequestTag/${INSTANCE_NAME_TAG}`]: 'false',
      [`aws:RequestTag/${REQUEST_ID_TAG}`]: 'false',
    },
  }),
  allow(['ec2:CreateTags'], [...IMAGES(), ...SNAPSHOTS()], {
    StringEquals: { 'ec2:CreateAction': 'CreateImage' },
  }),
];

/** Only what carries our tag can be touched, whatever the code may try. */
export const changeOurs = (actions: string[], resources: string[]): PolicyStatement =>
  allow(
    actions.map((action) => `ec2:${action}`),
    resources,
    { Null: { [`aws:ResourceTag/${INSTANCE_NAME_TAG}`]: 'false' } },
  );

/** Tags of our own, on what is ours, and no others: that nothing is made ours by its tag. */
export const tagOurs = (
  actions: ('CreateTags' | 'DeleteTags')[],
  keys: readonly string[],
  resources: string[],
): PolicyStatement =>
  allow(
    actions.map((action) => `ec2:${action}`),
    resources,
    {
      'ForAllValues:StringEquals': { 'aws:TagKeys': keys },
      Null: { 'aws:TagKeys': 'false', [`aws:ResourceTag/${INSTANCE_NAME_TAG}`]: 'false' },
    },
  );

/**
 * DescribeImageReferences looks into other services with the caller's own permissions, here usable by it
 * alone. AWS's managed policy says the same, and would grow with the services that EC2 looks into: then
 * references are unreadable and nothing is deleted until the new action is listed here.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html
 */
export const describeReferences = (): PolicyStatement[] => [
  describe('DescribeImageReferences'),
  allow(
    [
      'ec2:DescribeInstances',
      'ec2:DescribeLaunchTemplates',
      'ec2:DescribeLaunchTemplateVersions',
      'ssm:DescribeParameters',
      'ssm:GetParameters',
      'imagebuilder:ListImageRecipes',
      'imagebuilder:ListContainerRecipes',
      'imagebuilder:GetContainerRecipe',
    ],
    ['*'],
    { 'ForAnyValue:StringEquals': { 'aws:CalledVia': ['ec2-images.amazonaws.com'] } },
  ),
];

/**
 * A SecureString, and its key through SSM alone. SSM's own key has an alias but no ARN that a template
 * could know: conditions stand in for it.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 */
export function readSecret(name: string, kmsKeyArn: string | undefined): PolicyStatement[] {
  const parameter = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${name}`;
  return [
    allow(['ssm:GetParameter'], [parameter]),
    allow(['kms:Decrypt'], [kmsKeyArn ?? ANY_KEY], {
      StringEquals: {
        'kms:ViaService': `ssm.${Aws.REGION}.${Aws.URL_SUFFIX}`,
        'kms:EncryptionContext:PARAMETER_ARN': parameter,
      },
    }),
  ];
}

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

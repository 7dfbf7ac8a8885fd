import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import * as z from 'zod';

const TAGGED = 'Image and snapshot ids are not known beforehand: conditions on our tags say which ones.';
const BUILT =
  'Comes into being with a builder, a moved instance or through a launch template: a condition asks for that.';
const PLACE =
  'Where an instance is, a request or a launch template may say, which EC2 checks; nothing there is changed.';

/** Why a resource has a star in it. One that is not listed here is a finding of cdk-nag. */
const REASONS: readonly (readonly [resource: RegExp, reason: string])[] = [
  [/^\*$/, 'X-Ray, what only describes, and what DescribeImageReferences looks into know no resources.'],
  [
    /:launch-template\/\*$/,
    'Which launch templates follow a name their tags say: a condition asks for that.',
  ],
  [/:autoScalingGroupName\/\*$/, 'Which groups are refreshed their tags say: a condition asks for that.'],
  [/:instance-profile\/\*$/, 'Which one a launch template has is only read, to find its role.'],
  [
    /:role\/\*\/[\w+=,.@-]+$/,
    'A role is listed by its name, which is unique in the account, whatever its path.',
  ],
  [/:parameter\/amity\/images\/\*$/, 'The pointers: one for each instance name.'],
  [
    /:instance\/\*$/,
    'Whoever may ask names the instance that is imaged or moved; only those with our tags are started, stopped and terminated.',
  ],
  [/::(image|snapshot)\/\*$/, TAGGED],
  [/:image-usage-report\/\*$/, 'A report is made for an image of ours: the id comes with the answer.'],
  [/:(volume|network-interface|security-group|spot-instances-request)\/\*$/, BUILT],
  [/:(subnet|vpc|key-pair|placement-group|capacity-reservation)\/\*$/, PLACE],
  [/:schedule\/[^/]+\/\*$/, 'One schedule for each reboot that is put off, in a group of their own.'],
  [
    /::parameter\/aws\/service\/\*$/,
    "A request, or a launch template, may name any of AWS's public parameters: all of them are public.",
  ],
  [
    /:parameter\/\*$/,
    'A request, or a launch template, may name any parameter: it is read without decryption, for the image id in it.',
  ],
  [/:s3:::[^/]+\/\*$/, 'A request names the object; the configuration names the bucket.'],
  [/:execution:[^:]+:\*-validate$/, "The waiter's own validations, each named after its waiter."],
  [
    /:execution:[^:]+:\*$/,
    'An execution is named after its request: whether it broke is asked, and nothing else.',
  ],
  [
    /:key\/\*$/,
    "SSM's own key has no ARN to be known beforehand: only through SSM, and only for that parameter.",
  ],
];

/** The wildcards of some statements, as cdk-nag names them, and why they are there. */
export const wildcards = (
  scope: IConstruct,
  statements: readonly PolicyStatement[],
): [finding: string, reason: string][] =>
  statements
    .flatMap(({ resources }) => resources)
    .map((resource) => readable(scope, resource))
    .flatMap((resource) => {
      const [, reason] = REASONS.find(([pattern]) => pattern.test(resource)) ?? [];
      return reason ? [[`IAM5[Resource::${resource}]`, reason]] : [];
    });

const Part = z.union([
  z.string(),
  z.object({ Ref: z.string() }).transform(({ Ref }) => `<${Ref}>`),
  z.object({ 'Fn::GetAtt': z.array(z.string()) }).transform((get) => `<${get['Fn::GetAtt'].join('.')}>`),
]);
const Text = z.union([
  Part,
  z.object({ 'Fn::Join': z.tuple([z.string(), z.array(Part)]) }).transform((made) => {
    const [between, parts] = made['Fn::Join'];
    return parts.join(between);
  }),
]);

/** With `<AWS::Region>` and `<LogicalId.Arn>` in the place of what CloudFormation puts in. */
const readable = (scope: IConstruct, resource: string) => Text.parse(Stack.of(scope).resolve(resource));

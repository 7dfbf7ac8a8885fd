import { App, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';

/** A role with the forms that AWS asks for: one statement for each resource type, with its condition keys. */
const stack = new Stack(new App(), 'Roles', { env: { account: '000000000000', region: 'us-east-1' } });
const role = new Role(stack, 'Role', { roleName: 'images', assumedBy: new AccountRootPrincipal() });
const ours = { Null: { 'aws:RequestTag/amity:instance-name': 'false' } };
const made = ['arn:aws:ec2:us-east-1::image/*', 'arn:aws:ec2:us-east-1::snapshot/*'];

function allow(
  actions: string[],
  resources: string[],
  conditions: Record<string, Record<string, unknown>> = {},
): void {
  role.addToPolicy(new PolicyStatement({ actions, resources, conditions }));
}

allow(['ec2:CreateImage'], ['arn:aws:ec2:us-east-1:000000000000:instance/*']);
allow(['ec2:CreateImage'], made, ours);
allow(['ec2:CreateTags'], made, { StringEquals: { 'ec2:CreateAction': 'CreateImage' } });
const tagged = { Null: { 'aws:ResourceTag/amity:instance-name': 'false' } };
allow(['ec2:DeregisterImage'], ['arn:aws:ec2:us-east-1::image/*'], tagged);
allow(['ec2:DeleteSnapshot'], ['arn:aws:ec2:us-east-1::snapshot/*'], tagged);
allow(['ec2:DescribeImages', 'ec2:DescribeImageReferences'], ['*']);
allow(['ec2:DescribeInstances', 'ssm:DescribeParameters', 'ssm:GetParameters'], ['*'], {
  'ForAnyValue:StringEquals': { 'aws:CalledVia': ['ec2-images.amazonaws.com'] },
});
allow(['events:PutEvents'], ['arn:aws:events:us-east-1:000000000000:event-bus/amity'], {
  StringEquals: { 'events:detail-type': 'AmiCreated', 'events:source': 'amity' },
});

import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { DELETION_SWITCH } from '../../shared/domain/retention/policy.ts';

/**
 * Whoever sets it to `off` stops all deletion at once. A deployment does not set it back, as long as nothing here
 * changes: CloudFormation updates a parameter whole, its value too. Hence also no tags, which a stack may be given.
 */
export class DeletionSwitch extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new StringParameter(this, 'Parameter', {
      parameterName: DELETION_SWITCH,
      stringValue: 'on',
      allowedPattern: '^(on|off)$',
      description: 'Whether Amity may deprecate, disable and delete images and snapshots: on, or off',
    });
  }
}

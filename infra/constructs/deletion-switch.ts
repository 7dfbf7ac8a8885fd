import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { DELETION_SWITCH } from '../../shared/domain/retention/policy.ts';

/**
 * Whoever sets it to `off` stops all deletion at once. A deployment does not set it back, unless it changes this
 * parameter or the tags of the stack: CloudFormation updates a parameter whole, its value too.
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

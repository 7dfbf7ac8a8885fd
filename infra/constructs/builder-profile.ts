import {
  CfnInstanceProfile,
  Policy,
  type PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type Bake, roleName } from '../bake-schema.ts';

/** Under whom builders run: a role that may signal the end of its own workflow, and nothing else; or one that is listed. */
export class BuilderProfile extends Construct {
  /** The name of the instance profile. */
  readonly name: string;
  /** The roles that a builder can have. */
  readonly roleArns: readonly string[];
  private readonly role: Role;
  private readonly listed: readonly string[];

  constructor(scope: Construct, id: string, { instanceProfiles }: Bake) {
    super(scope, id);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      description: "Amity's builders: may signal that they are done, and nothing else",
    });
    this.name = new CfnInstanceProfile(this, 'Profile', { roles: [this.role.roleName] }).ref;
    this.listed = [...new Set(instanceProfiles.map(roleName))];
    const listed = this.listed.map((name) => Role.fromRoleName(this, `Listed${name}`, name));
    this.roleArns = [this.role, ...listed].map(({ roleArn }) => roleArn);
  }

  /** Lets builders signal, under whichever of the roles. */
  letSignal(statement: PolicyStatement): void {
    this.role.addToPolicy(statement);
    if (this.listed.length === 0) return;
    const roles = this.listed.map((name) => Role.fromRoleName(this, `Signalling${name}`, name));
    new Policy(this, 'MaySignal', { statements: [statement], roles });
  }
}

import { placeOf, type Resource, type synthesize } from './synthesize.ts';

/** As it stands in a template. */
export interface RawStatement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

export const list = <One>(value: One | One[]): One[] => (Array.isArray(value) ? value : [value]);

export const actionsOf = (statements: readonly RawStatement[]) =>
  statements.flatMap(({ Action }) => list(Action));

export const allowing = (statements: readonly RawStatement[], action: string) =>
  statements.filter(({ Action }) => list(Action).includes(action));

export const roleOf = ({ Properties }: Resource): string =>
  (Properties.Role ?? Properties.RoleArn)['Fn::GetAtt'][0];

/** What the roles of a template may do. */
export function rolesIn({ of }: Pick<ReturnType<typeof synthesize>, 'of'>) {
  /** What a role may, by its logical id. */
  const statementsOf = (role: string): RawStatement[] =>
    of('AWS::IAM::Policy')
      .filter(([, { Properties }]) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
      .flatMap(([, { Properties }]): RawStatement[] => Properties.PolicyDocument.Statement)
      .filter(({ Effect }) => Effect === 'Allow');
  /** By the function's, or state machine's, place in the stack. */
  const may = (place: string): RawStatement[] => {
    const found = [...of('AWS::Lambda::Function'), ...of('AWS::StepFunctions::StateMachine')]
      .map(([, resource]) => resource)
      .find((each) => placeOf(each) === place);
    if (!found) throw new Error(`No function or state machine ${place}`);
    return statementsOf(roleOf(found));
  };
  return { statementsOf, may };
}

/** `arn:…:ec2:eu-west-1::image/*`: the ARN of all of a kind, in the stack's own region or another one. */
export const everyArn = (kind: string, region: unknown = { Ref: 'AWS::Region' }) => ({
  'Fn::Join': [
    '',
    typeof region === 'string'
      ? ['arn:', { Ref: 'AWS::Partition' }, `:ec2:${region}::${kind}/*`]
      : ['arn:', { Ref: 'AWS::Partition' }, ':ec2:', region, `::${kind}/*`],
  ],
});

import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Exact findings of cdk-nag that are as they should be, and why. */
export function acknowledge(scope: IConstruct, reason: string, ...findings: string[]): void {
  Validations.of(scope).acknowledge(
    ...findings.map((finding) => ({ id: `AwsSolutions-${finding}`, reason })),
  );
}

/** The names and ARNs that the states call; the partition is part of every integration's ARN. */
export interface WaiterParts {
  readonly partition: string;
  readonly checkImageArn: string;
  /** The state machine that validates what was baked. */
  readonly validationArn: string;
  readonly concludeValidationArn: string;
  readonly requestsTable: string;
  readonly waitingTable: string;
  readonly busName: string;
  readonly pollSeconds: number;
}

import type { ImageState } from './control-types.ts';

interface FaultTarget {
  /** As in an endpoint's name: `ec2` (default), `dynamodb`, `events`, `states`, `sqs`, `ssm`, `lambda` … */
  service?: string;
  /** For example `CreateImage`. */
  action: string;
  /** How many calls it strikes; without, every one until it is removed. */
  times?: number;
  /** How many calls it lets pass first. */
  after?: number;
  /** Parameters as they are on the wire (`Name`, `ImageId.1`; JSON: the top level), with EC2's `*` and `?`. */
  match?: Record<string, string>;
}

/** What can be made to happen to a call. */
export type Fault = FaultTarget &
  (
    | { kind: 'throttle'; code?: string }
    | { kind: 'error'; code: string; message?: string; status?: number }
    | { kind: 'connection-reset' }
    | {
        kind: 'carried-out-answer-lost';
        /** Default: the connection is dropped. `error`: 500, or `status`, with `code`. */
        answer?: 'connection-reset' | 'error';
        /** Lose the answers of refused calls too (a Duplicate, say); default: of those that succeeded only. */
        alsoErrors?: boolean;
        status?: number;
        code?: string;
        message?: string;
      }
    | { kind: 'delay'; seconds: number }
    /** Entries of a batch (PutEvents, SQS batches) that fail, by index; the others are carried out. */
    | { kind: 'partial'; entries: number[]; code?: string; message?: string }
    /** CreateImage: how the image ends. */
    | { kind: 'image-fails'; state?: ImageState; code?: string; message?: string }
    /** CreateImage: DescribeImages does not know the image for so long. */
    | { kind: 'not-found-for'; seconds: number }
    /** CreateImage: how long the image is pending; without, for ever (`changeImage` ends it). */
    | { kind: 'pending-for'; seconds?: number }
    /** CreateImage: EC2 sends no event about the image. */
    | { kind: 'no-state-change-event' }
  );

export interface FaultInForce {
  id: number;
  service: string;
  action: string;
  kind: Fault['kind'];
  /** How many calls it has struck. */
  struck: number;
}

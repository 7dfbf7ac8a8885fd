import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { RolloutFailure } from '../../domain/rollout/failures.ts';
import { AmiRolloutFailed } from '../../events/ami-rollout-failed.ts';
import { AmiRolloutPlanned } from '../../events/ami-rollout-planned.ts';
import { publish } from '../bus.ts';
import type { Group } from './groups.ts';
import type { Lease } from './ledger.ts';

/** Tells what is not done, once: the daily run, and every replay, come to the same. */
async function tellOnce(
  lease: Lease,
  what: string,
  busName: string,
  entries: readonly Omit<PutEventsRequestEntry, 'EventBusName'>[],
): Promise<void> {
  if (lease.entry.told === what) return;
  await publish(busName, ...entries);
  await lease.save({ told: what });
}

type Known = Omit<AmiRolloutFailed, 'code' | 'message'>;

/** Tells why not, once for each name, image or request. */
export const refuse = (lease: Lease, known: Known, failure: RolloutFailure, busName: string): Promise<void> =>
  tellOnce(lease, [failure.code, known.requestId, known.imageId, known.instanceName].join('#'), busName, [
    AmiRolloutFailed.encode({ ...known, ...failure }),
  ]);

type Planned = AmiRolloutPlanned['code'];

/** Tells what would be done to a launch template or a pointer, and to the groups behind it. */
export const plan = (
  lease: Lease,
  known: Known,
  { code, message, groups = [] }: { code: Planned; message: string; groups?: readonly Group[] },
  busName: string,
): Promise<void> =>
  tellOnce(lease, [code, known.requestId, known.imageId].join('#'), busName, [
    AmiRolloutPlanned.encode({ ...known, code, message }),
    ...groups.map(({ name }) =>
      AmiRolloutPlanned.encode({
        ...known,
        autoScalingGroupName: name,
        code: 'refresh',
        message: `The instances of ${name} would be replaced.`,
      }),
    ),
  ]);

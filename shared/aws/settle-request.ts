import type { Failure } from '../domain/failures.ts';
import { imageName } from '../domain/image-name.ts';
import { nameParts, type RequestRecord } from '../domain/request.ts';
import { AmiCreated } from '../events/ami-created.ts';
import { AmiFailed } from '../events/ami-failed.ts';
import { publish } from './bus.ts';
import { type RequestTable, saveRequest } from './request-store.ts';

export interface Announcing {
  readonly table: RequestTable;
  readonly busName: string;
  readonly region: string;
}

/**
 * Writes down how an attempt ended, then announces it. In this order: what is announced is already known,
 * and what was written but not announced is announced by the next delivery. Throws when another delivery
 * wrote first.
 */
export async function settle(record: RequestRecord, announcing: Announcing): Promise<undefined> {
  const saved = await saveRequest(announcing.table, record, new Date());
  if (!saved) throw new Error(`Another delivery of ${record.key} wrote first`);
  return announce(saved, announcing);
}

export async function announce(record: RequestRecord, announcing: Announcing): Promise<undefined> {
  await publish(
    announcing.busName,
    record.failure ? failedEvent(record, record.failure) : createdEvent(record, announcing),
  );
  await saveRequest(announcing.table, { ...record, announced: true }, new Date());
}

const failedEvent = (record: RequestRecord, failure: Failure) =>
  AmiFailed.encode({
    requestId: record.requestId,
    attempt: record.attempt,
    code: failure.code,
    message: failure.message,
    ...(failure.stage && { stage: failure.stage }),
    ...(failure.output && { output: failure.output }),
    ...(record.instanceName && { instanceName: record.instanceName }),
  });

const createdEvent = (record: RequestRecord, { region }: Announcing) =>
  AmiCreated.encode({
    requestId: record.requestId,
    attempt: record.attempt,
    instanceName: record.instanceName,
    imageId: record.imageId ?? '',
    imageName: imageName(nameParts(record)),
    region,
    instanceId: record.instanceId ?? '',
    reason: record.reason,
    noReboot: record.noReboot,
    ...(record.bake?.baseImageId && { baseImageId: record.bake.baseImageId }),
  });

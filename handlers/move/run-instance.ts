import { type Instance, RunInstancesCommand } from '@aws-sdk/client-ec2';
import middy from '@middy/core';
import * as z from 'zod/mini';
import { ec2, ec2ErrorFacts } from '../../shared/aws/ec2.ts';
import { Move, type Step } from '../../shared/aws/move/input.ts';
import { likeSource } from '../../shared/aws/move/like-source.ts';
import { instanceById, startedBy, userDataOf, volumesOf } from '../../shared/aws/move/source.ts';
import { requestOf } from '../../shared/aws/request-store.ts';
import { kindOf } from '../../shared/domain/ec2-error.ts';
import type { MoveFailure } from '../../shared/domain/move/failures.ts';
import { OUR_SOURCE } from '../../shared/events/event.ts';
import { hashOf, keyOf } from '../../shared/events/request-key.ts';
import { environment, text } from '../../shared/runtime/environment.ts';

const env = environment({ ACCOUNT_ID: text, REQUESTS_TABLE: text });

const Question = z.extend(Move, { startedAt: z.iso.datetime({ offset: true }) });

/** A request that nobody has taken by then was lost. */
const TAKEN_MS = 3_600_000;

const NO_ROOM = /^(Insufficient(InstanceCapacity|FreeAddressesInSubnet|HostCapacity)|Unsupported)$/;

interface Begun {
  readonly instanceId: string;
  readonly imageId: string;
  /** ISO 8601: its status checks have their time from then on. */
  readonly since: string;
}

/** Starts an instance like the source, once its image is available. */
export const handler = middy(async (event: unknown): Promise<Step<Begun>> => {
  const { startedAt, ...move } = Question.parse(event);
  const key = keyOf(env.ACCOUNT_ID, OUR_SOURCE, move.imageRequestId);
  const request = await requestOf(env.REQUESTS_TABLE, key);
  if (!request && Date.now() - Date.parse(startedAt) > TAKEN_MS) {
    return imageFailed('nobody has taken the request for it in an hour');
  }
  if (request?.failure) return imageFailed(`${request.failure.code}: ${request.failure.message}`);
  if (request?.state === 'superseded') return imageFailed('its request was superseded');
  if (request?.state !== 'available' || !request.imageId) return { pending: true };
  return run(move, request.imageId);
});

const imageFailed = (why: string): { failed: MoveFailure } => ({
  failed: { code: 'image-failed', message: `There is no image of the source: ${why}` },
});

async function run(
  { sourceInstanceId, subnetId, imageRequestId }: Move,
  imageId: string,
): Promise<Step<Begun>> {
  const source = await instanceById(sourceInstanceId);
  if (!source || source.State?.Name === 'terminated') {
    return { failed: { code: 'source-unfit', message: `The source ${sourceInstanceId} is gone.` } };
  }
  const [userData, volumes] = await Promise.all([userDataOf(sourceInstanceId), volumesOf(source)]);
  // However often this is called, there is one: what it is like is what the first call found.
  const clientToken = hashOf(imageRequestId);
  try {
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand(likeSource({ source, volumes, userData, imageId, subnetId, clientToken })),
    );
    return begun(Instances[0], imageId);
  } catch (error) {
    // The answer of an earlier call was lost, and the source has changed since: what that call started is the one.
    if (ec2ErrorFacts(error).name === 'IdempotentParameterMismatch')
      return begun(await startedBy(clientToken), imageId);
    return { failed: whyNever(error) };
  }
}

function begun(instance: Instance | undefined, imageId: string): Begun {
  const { InstanceId: instanceId, LaunchTime: since = new Date() } = instance ?? {};
  if (!instanceId) throw new Error('EC2 has started an instance, and does not show it');
  return { instanceId, imageId, since: since.toISOString() };
}

/** Throws again what may pass. */
function whyNever(error: unknown): MoveFailure {
  const facts = ec2ErrorFacts(error);
  const message = `${facts.name}: ${facts.message}`;
  if (NO_ROOM.test(facts.name)) return { code: 'no-capacity', message };
  const kind = kindOf(facts);
  if (kind === 'denied') return { code: 'access-denied', message };
  if (kind === 'rejected') return { code: 'ec2-rejected', message };
  throw error;
}

import { styleText } from 'node:util';
import { Ec2AmiStateChange } from '../shared/events/ec2-ami-state-change.ts';
import { Ec2InstanceStateChange } from '../shared/events/ec2-instance-state-change.ts';
import type { Envelope } from '../shared/events/event.ts';
import { EVENTS } from '../shared/events/index.ts';
import type { ReceivedCard } from './webhook-receiver.ts';

const {
  AmiRequested,
  AmiBakeRequested,
  AmiCreated,
  AmiAvailable,
  AmiFailed,
  AmiCleaned,
  AmiRestored,
  AmiRolledOut,
  AmiRolledBack,
  AmiRolloutSucceeded,
  AmiRolloutFailed,
} = EVENTS;

/** What happens, as lines for a terminal: seconds since the start, what, and the facts. */
export class LifeOfImages {
  readonly #startedAt = Date.now();
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  line(what: string, facts: string, style: Parameters<typeof styleText>[0] = 'bold'): void {
    const seconds = ((Date.now() - this.#startedAt) / 1000).toFixed(1).padStart(6);
    this.#print(`${styleText('dim', `${seconds}s`)}  ${styleText(style, what.padEnd(19))} ${facts}`);
  }

  event(event: Envelope): void {
    const replay = event['replay-name'] ? ` (replay ${event['replay-name']})` : '';
    this.line(event['detail-type'].replace(/^EC2 .*/, 'EC2 says'), factsOf(event) + replay, styleOf(event));
  }

  card({ body }: ReceivedCard): void {
    const { body: title, connectInfo }: { body: string; connectInfo: { description: string }[] } =
      JSON.parse(body);
    this.line(
      'webhook card',
      `${title} ${connectInfo.map(({ description }) => description).join(' | ')}`.replaceAll('\n', ' | '),
      'magenta',
    );
  }
}

const FAILURES = [AmiFailed.detailType, AmiRolloutFailed.detailType];

function styleOf(event: Envelope): Parameters<typeof styleText>[0] {
  if (FAILURES.includes(event['detail-type'])) return 'red';
  if (event['detail-type'] === AmiAvailable.detailType) return 'green';
  return event.source === 'aws.ec2' ? 'dim' : 'bold';
}

function factsOf(event: Envelope): string {
  switch (event['detail-type']) {
    case AmiRequested.detailType:
      return `${JSON.stringify(event.detail)} from ${event.source}`;
    case AmiBakeRequested.detailType: {
      const { instanceName, baseImage, userData } = AmiBakeRequested.decode(event);
      return `${instanceName} from ${baseImage}, ${userData.split('\n').length} lines of user data, from ${event.source}`;
    }
    case AmiCreated.detailType: {
      const { imageId, imageName, instanceId, baseImageId } = AmiCreated.decode(event);
      return `${imageId} ${imageName}, of ${instanceId}${baseImageId ? `, baked from ${baseImageId}` : ''}`;
    }
    case AmiAvailable.detailType: {
      const { imageId, imageName, snapshotIds } = AmiAvailable.decode(event);
      return `${imageId} ${imageName}, ${snapshotIds.join(' ')}`;
    }
    case AmiFailed.detailType: {
      const { code, message, output } = AmiFailed.decode(event);
      return [`${code}: ${message}`, ...(output?.trim().split('\n').slice(-3) ?? [])].join(' | ');
    }
    case AmiCleaned.detailType: {
      const { deleted, kept, failed } = AmiCleaned.decode(event);
      const gone = deleted.map(({ imageId, ageDays }) => `deleted ${imageId} (${ageDays} days)`);
      const left = kept.map(({ imageId, reason }) => `kept ${imageId} (${reason})`);
      return [...gone, ...left, ...failed.map(({ message }) => `failed: ${message}`)].join(', ');
    }
    case AmiRestored.detailType: {
      const { imageId, imageName, undone } = AmiRestored.decode(event);
      return `${imageId} ${imageName} is back, undone: ${undone.join(', ')}`;
    }
    case AmiRolledOut.detailType:
    case AmiRolledBack.detailType: {
      const { launchTemplateId, version, imageId, previousVersion, instanceName } =
        AmiRolledOut.decode(event);
      return `${instanceName}: ${launchTemplateId} from version ${previousVersion} to ${version}, ${imageId}`;
    }
    case AmiRolloutSucceeded.detailType: {
      const { autoScalingGroupName, version, imageId } = AmiRolloutSucceeded.decode(event);
      return `the group ${autoScalingGroupName} runs version ${version}, ${imageId}`;
    }
    case AmiRolloutFailed.detailType: {
      const { code, message } = AmiRolloutFailed.decode(event);
      return `${code}: ${message}`;
    }
    case Ec2AmiStateChange.detailType: {
      const { ImageId, State } = Ec2AmiStateChange.decode(event);
      return `${ImageId} ${State}`;
    }
    case Ec2InstanceStateChange.detailType: {
      const { instanceId, state } = Ec2InstanceStateChange.decode(event);
      return `${instanceId} ${state}`;
    }
    default:
      return JSON.stringify(event.detail);
  }
}

import { Builders } from './control-builders.ts';
import { type ControlCall, controlCall, withQuery } from './control-call.ts';
import type { Fault, FaultInForce } from './control-faults.ts';
import { Groups } from './control-groups.ts';
import { Retention } from './control-retention.ts';
import { Services } from './control-services.ts';
import type {
  Call,
  Credentials,
  Image,
  ImageChange,
  ImageWanted,
  InRegion,
  Instance,
  InstanceState,
  InstanceWanted,
  Quotas,
} from './control-types.ts';

export type * from './control-retention.ts';
export type * from './control-types.ts';

/**
 * The control endpoint of the embedded AWS, `/_amity/…`: what a test or the demo needs and no AWS API offers.
 * Nothing that is deployed may use it. `region` is the one that the embedded AWS was started in unless given.
 */
export class Control {
  /** Uses of images, lone snapshots, usage reports and the Recycle Bin. */
  readonly retention: Retention;
  /** Instances that are played, how fast they change, and what they are started from. */
  readonly builders: Builders;
  /** Schedules that fire now, parameters that are validated later, status checks. */
  readonly services: Services;
  /** Instance refreshes of Auto Scaling groups: how fast they go, and how they fail. */
  readonly groups: Groups;
  readonly #call: ControlCall;

  constructor(endpoint: string) {
    this.#call = controlCall(endpoint);
    this.retention = new Retention(this.#call);
    this.builders = new Builders(this.#call);
    this.groups = new Groups(this.#call);
    this.services = new Services(this.#call);
  }

  /** Starts an instance of any state, launch time and root device. `RunInstances` does the ordinary ones. */
  startInstance(wanted: InstanceWanted & InRegion = {}): Promise<Instance> {
    return this.#call('POST', 'instances', wanted);
  }

  changeInstance(
    instanceId: string,
    change: { state?: InstanceState; launchTime?: string; extraVolumes?: number } & InRegion,
  ): Promise<Instance> {
    return this.#call('PATCH', `instances/${instanceId}`, change);
  }

  instances(only: InRegion = {}): Promise<Instance[]> {
    return this.#call('GET', withQuery('instances', only));
  }

  /** Adds a finished image of any age, tags and state, without an event. */
  addImage(wanted: ImageWanted & InRegion): Promise<Image> {
    return this.#call('POST', 'images', wanted);
  }

  /** Back-dates an image and its snapshots; puts it into a state as if EC2 had, with EC2's event; protects it … */
  changeImage(imageId: string, change: ImageChange & InRegion): Promise<Image> {
    return this.#call('PATCH', `images/${imageId}`, change);
  }

  /** This account's images, deregistered ones excepted. */
  images(only: InRegion = {}): Promise<Image[]> {
    return this.#call('GET', withQuery('images', only));
  }

  /**
   * How long new images stay pending (null: until `changeImage`), for all, for an image name, or for an
   * instance's id or Name. Wildcards as in EC2's filters. The last one set that fits counts.
   */
  setPending(seconds: number | null, only: { imageName?: string; instance?: string } = {}): Promise<null> {
    return this.#call('PUT', 'pending', { seconds, ...only });
  }

  addFault(fault: Fault): Promise<FaultInForce> {
    return this.#call('POST', 'faults', fault);
  }

  faults(): Promise<FaultInForce[]> {
    return this.#call('GET', 'faults');
  }

  /** Removes one fault, or all. */
  removeFaults(id?: number): Promise<null> {
    return this.#call('DELETE', id === undefined ? 'faults' : `faults/${id}`);
  }

  /** A token bucket of an action; EC2's documented ones are in force from the start. Null: no limit. */
  setLimit(action: string, bucket: { size: number; refill: number } | null, service = 'ec2'): Promise<null> {
    return this.#call('PUT', 'limits', { service, action, ...bucket });
  }

  /** EBS's quotas on snapshots. */
  setQuotas(quotas: Quotas): Promise<null> {
    return this.#call('PUT', 'quotas', quotas);
  }

  /** The most that EC2 gives a page, whatever was asked for (null: as asked). A caller must take every page. */
  setPageSize(size: number | null): Promise<null> {
    return this.#call('PUT', 'page-size', { size });
  }

  /** The ReturnCode that DeregisterImage gives for a snapshot, once; the snapshot stays. */
  setSnapshotResults(codes: Record<string, string>): Promise<null> {
    return this.#call('PUT', 'snapshot-results', codes);
  }

  /** The calls received, oldest first. `since` in milliseconds since the epoch. */
  calls(only: { service?: string; action?: string; since?: number } = {}): Promise<Call[]> {
    return this.#call('GET', withQuery('calls', only));
  }

  clearCalls(): Promise<null> {
    return this.#call('DELETE', 'calls');
  }

  /** Puts an AWS service's own event on the default bus, which PutEvents refuses. */
  putAwsEvent(event: {
    source: string;
    detailType: string;
    detail: Record<string, unknown>;
    resources?: string[];
    region?: string;
  }): Promise<null> {
    return this.#call('POST', 'aws-events', event);
  }

  /** Enforces IAM from now on, or no more: functions act under their roles. `reset` puts it back. */
  enforceIam(enforced: boolean): Promise<null> {
    return this.#call('PUT', 'auth', { enforced });
  }

  /**
   * Credentials of a role, to show what it may and may not do. Nothing asks its trust policy. With a role of
   * another account: that account, to show what it may do here.
   */
  startSession(roleArn: string): Promise<Credentials> {
    return this.#call('POST', 'sessions', { roleArn });
  }

  /** Takes back everything that was switched, and empties the journal; with `ec2`, EC2's resources go too. */
  reset(also: { ec2?: boolean } = {}): Promise<null> {
    return this.#call('POST', 'reset', also);
  }
}

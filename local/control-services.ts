import type { ControlCall } from './control-call.ts';

/** What the services do in their own time, and a test cannot wait for. `reset` takes back what is set. */
export class Services {
  readonly #call: ControlCall;

  constructor(call: ControlCall) {
    this.#call = call;
  }

  /** Fires a schedule of EventBridge Scheduler as if its time had come: a one-time one is then over. */
  fireSchedule(name: string, group = 'default'): Promise<null> {
    return this.#call('POST', 'schedules', { name, group });
  }

  /** How long Parameter Store looks at the image of an `aws:ec2:image` parameter before it takes it. Default 0.3. */
  setImageParameterSeconds(seconds: number): Promise<null> {
    return this.#call('PUT', 'image-parameters', { seconds });
  }

  /** How long the status checks of an instance that has come to run are `initializing` (null: for ever). Default 0.5. */
  setStatusCheckSeconds(seconds: number | null): Promise<null> {
    return this.#call('PUT', 'status-seconds', { seconds });
  }

  /**
   * What the status checks say after that, default `ok`: of all instances, of one by its id or its Name, or of those of
   * an image. Wildcards as in EC2's filters. The last one set that fits counts.
   */
  setStatusChecks(
    status: 'ok' | 'impaired' | 'insufficient-data' | 'initializing',
    only: { instance?: string; imageId?: string } = {},
  ): Promise<null> {
    return this.#call('PUT', 'status-checks', { status, ...only });
  }
}

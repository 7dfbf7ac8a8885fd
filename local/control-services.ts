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
}

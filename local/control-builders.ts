import type { ControlCall } from './control-call.ts';
import type { InRegion } from './control-types.ts';

/** What a bake needs, and no AWS API offers. `reset` takes all of it back. */
export class Builders {
  readonly #call: ControlCall;

  constructor(call: ControlCall) {
    this.#call = call;
  }

  /** How long an instance is pending, stopping or shutting down; null: until `changeInstance`. Default 0.3. */
  setInstanceSeconds(seconds: number | null): Promise<null> {
    return this.#call('PUT', 'instance-seconds', { seconds });
  }

  /** Lets a builder whose user's part this is, whole, be played; the files in `examples/bake/` are let anyway. */
  allow(script: string): Promise<null> {
    return this.#call('POST', 'builders', { script });
  }

  /**
   * The folder that a builder's script takes for `/` (`AMITY_ROOT`): kept when the builder is gone, until `reset`.
   * An instance of an image that was made of a builder begins with a copy of the builder's.
   */
  async root(instanceId: string): Promise<string> {
    const { root } = await this.#call<{ root: string }>('GET', `builders/${instanceId}`);
    return root;
  }

  /** Publishes a value as AWS does: the name starts with `/aws/service/`, where PutParameter is refused. */
  setPublicParameter(name: string, value: string, where: InRegion = {}): Promise<null> {
    return this.#call('PUT', 'public-parameters', { name, value, ...where });
  }
}

import type { ControlCall } from './control-call.ts';

/** How the instance refreshes of Auto Scaling groups go, in every region. `reset` takes all of it back. */
export class Groups {
  readonly #call: ControlCall;

  constructor(call: ControlCall) {
    this.#call = call;
  }

  /**
   * How long a whole refresh takes, spread over its instances; default 2. It counts from each one's next step.
   * Null: refreshes stand still, once they are in progress, until it is set again.
   */
  setRefreshSeconds(seconds: number | null): Promise<null> {
    return this.#call('PUT', 'refreshes', { seconds });
  }

  /** How long each checkpoint's delay and the bake time last; default null: as the preferences have it. */
  setPauseSeconds(pauseSeconds: number | null): Promise<null> {
    return this.#call('PUT', 'refreshes', { pauseSeconds });
  }

  /** Whether Auto Scaling announces refreshes to EventBridge, which it does as best it can; default true. */
  sendRefreshEvents(events: boolean): Promise<null> {
    return this.#call('PUT', 'refreshes', { events });
  }

  /**
   * Lets the next refresh of a group (EC2's `*` and `?` in its name) fail: the instances after the first `after`
   * (default 0) never become healthy. A rollback of it succeeds.
   */
  failNextRefresh(groupName: string, how: { reason?: string; after?: number } = {}): Promise<null> {
    return this.#call('POST', 'refresh-failures', { groupName, ...how });
  }

  /** No instance that a refresh, or its rollback, starts from the image becomes healthy, for this reason. Null: it does. */
  setUnhealthyImage(imageId: string, reason: string | null): Promise<null> {
    return this.#call('PUT', 'unhealthy-images', { imageId, reason });
  }
}

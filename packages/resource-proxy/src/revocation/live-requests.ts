import type { CutOff } from '@aipassport/store/proxying';

/** Why this proxy ended a request before its answer was complete. */
export type CutReason = Exclude<CutOff, 'upstream_failed' | 'upstream_timeout' | 'body_refused'>;

/** One request of a grant, from before its admission until its answer has ended. */
export class LiveRequest {
  #cutReason: CutReason | undefined;
  #listener: ((reason: CutReason) => void) | undefined;

  get cutReason(): CutReason | undefined {
    return this.#cutReason;
  }

  /**
   * Only the first reason counts. But a request that continues after its client has left (`client_left`) can be cut
   * once more, for another reason.
   */
  cut(reason: CutReason): void {
    if (this.#cutReason === reason || (this.#cutReason !== undefined && this.#cutReason !== 'client_left')) return;
    this.#cutReason = reason;
    this.#listener?.(reason);
  }

  /**
   * Calls the listener at once if the request has been cut already. There is one listener at a time: the relay of the
   * answer.
   */
  onCut(listener: (reason: CutReason) => void): void {
    this.#listener = listener;
    if (this.#cutReason !== undefined) listener(this.#cutReason);
  }
}

/** The requests that are running in this process, by grant. They are cut when their grant ends. */
export class LiveRequests {
  readonly #byGrant = new Map<string, Set<LiveRequest>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get grantIds(): string[] {
    return [...this.#byGrant.keys()];
  }

  /** Called before the admission, so that a revocation right after the admission finds the request in this list. */
  open(grantId: string): LiveRequest {
    const live = new LiveRequest();
    const others = this.#byGrant.get(grantId);
    if (others === undefined) this.#byGrant.set(grantId, new Set([live]));
    else others.add(live);
    this.#size += 1;
    return live;
  }

  close(grantId: string, live: LiveRequest): void {
    const all = this.#byGrant.get(grantId);
    if (all?.delete(live) !== true) return;
    this.#size -= 1;
    if (all.size === 0) this.#byGrant.delete(grantId);
  }

  cutGrant(grantId: string, reason: CutReason): void {
    for (const live of this.#byGrant.get(grantId) ?? []) live.cut(reason);
  }

  cutAll(reason: CutReason): void {
    for (const grantId of this.grantIds) this.cutGrant(grantId, reason);
  }
}

import type { JsonObject } from '../json/read-strict-json.js';

/** The members of a body that are not forwarded. */
export class LeftOut {
  readonly #keys = new Map<JsonObject, Set<string>>();
  readonly #reported: string[] = [];

  /** The places of the removed members that are reported to the client. */
  get reported(): readonly string[] {
    return this.#reported;
  }

  /** @param reported the place to report; undefined for a value that means the same as an absent value */
  add({ holder, key }: { readonly holder: JsonObject; readonly key: string }, reported?: string): void {
    const keys = this.#keys.get(holder);
    if (keys === undefined) this.#keys.set(holder, new Set([key]));
    else keys.add(key);
    if (reported !== undefined) this.#reported.push(reported);
  }

  readonly has = (holder: JsonObject, key: string): boolean => this.#keys.get(holder)?.has(key) === true;

  /** Removes the members from the body. */
  remove(): void {
    for (const [holder, keys] of this.#keys) for (const key of keys) delete holder[key];
  }
}

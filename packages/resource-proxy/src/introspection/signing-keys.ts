import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWTHeaderParameters,
} from 'jose';
import { elapsedSince } from '../elapsed.js';

/** The issuer's key set could not be had, and none is held. */
export class SigningKeysUnavailable extends Error {
  override readonly name = 'SigningKeysUnavailable';
}

interface SigningKeysOptions {
  /** Rejects when the issuer is away or its answer is no key set with at least one key. */
  readonly fetchKeySet: () => Promise<JSONWebKeySet>;
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
}

/** A removed key is refused after this long at the latest. */
const freshMilliseconds = 10 * 60_000;
/** However many tokens with unknown keys arrive, the issuer is asked because of them no more often than this. */
const cooldownMilliseconds = 60_000;
/** While the issuer is away, its keys stay good this long: an outage of it must not end every client. */
const keepMilliseconds = 24 * 3_600_000;
/** With no key at all there is nothing to lose by asking again soon. */
const retryMilliseconds = 1_000;
/** The pause between two fetches that are caused by many tokens whose key is not held. */
const learnMilliseconds = 250;

/** The issuer's public keys: cached, refreshed, and kept over an outage of the issuer. */
export class SigningKeys {
  readonly #options: SigningKeysOptions;
  #held: { readonly find: ReturnType<typeof createLocalJWKSet>; readonly fetchedAt: number } | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #askedForUnknownAt = Number.NEGATIVE_INFINITY;
  #pending: Promise<void> | undefined;
  #learning: Promise<void> | undefined;

  constructor(options: SigningKeysOptions) {
    this.#options = options;
  }

  get isHeld(): boolean {
    return this.#held !== undefined && this.#options.now() - this.#held.fetchedAt <= keepMilliseconds;
  }

  /** @returns whether there are keys to verify tokens with; where there are none, the issuer is asked first */
  async hold(): Promise<boolean> {
    if (!this.isHeld) await this.#refresh(retryMilliseconds);
    return this.isHeld;
  }

  /**
   * The key that a token's header names.
   * @throws SigningKeysUnavailable, or jose's JWKSNoMatchingKey
   */
  readonly find = async (header: JWTHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> => {
    const now = this.#options.now();
    if (this.#held === undefined || !this.isHeld) await this.#refresh(retryMilliseconds);
    // In the background: nobody has to wait for what is still good.
    else if (elapsedSince(this.#held.fetchedAt, now) > freshMilliseconds) void this.#refresh(cooldownMilliseconds);
    if (this.#held === undefined) throw new SigningKeysUnavailable('the issuer has given no key set yet');
    try {
      return await this.#held.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#refreshForUnknownKey(now);
      return this.#held.find(header, token);
    }
  };

  /** Fetches the keys, when there is, or may be, one that we do not have. */
  readonly learn = (): Promise<void> => {
    this.#learning ??= this.#fetchSoon().finally(() => {
      this.#learning = undefined;
    });
    return this.#learning;
  };

  async #fetchSoon(): Promise<void> {
    const wait = this.#askedAt + learnMilliseconds - this.#options.now();
    if (wait > 0) await sleep(Math.min(wait, learnMilliseconds));
    await this.#refresh(0);
  }

  /** A key that appeared after the last fetch, however recent that was: keys are rotated without a proxy restarting. */
  async #refreshForUnknownKey(now: number): Promise<void> {
    if (this.#pending === undefined) {
      if (elapsedSince(this.#askedForUnknownAt, now) < cooldownMilliseconds) return;
      this.#askedForUnknownAt = now;
    }
    await this.#refresh(0);
  }

  async #refresh(cooldown: number): Promise<void> {
    if (this.#pending === undefined) {
      const now = this.#options.now();
      if (elapsedSince(this.#askedAt, now) < cooldown) return;
      this.#askedAt = now;
      this.#pending = this.#fetch().finally(() => {
        this.#pending = undefined;
      });
    }
    await this.#pending;
  }

  /** A set that cannot be fetched or read replaces nothing. */
  async #fetch(): Promise<void> {
    try {
      const find = createLocalJWKSet(await this.#options.fetchKeySet());
      this.#held = { find, fetchedAt: this.#options.now() };
    } catch (error) {
      this.#options.onFailure(error);
    }
  }
}

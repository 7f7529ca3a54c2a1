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

/**
 * The authorization server's set of signing keys could not be fetched, and the cache contains no set of the last day.
 */
export class SigningKeysUnavailable extends Error {
  override readonly name = 'SigningKeysUnavailable';
}

interface SigningKeysOptions {
  /** Rejects when the authorization server is unreachable or its answer is not a key set with at least one key. */
  readonly fetchKeySet: () => Promise<JSONWebKeySet>;
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * When the cached key set is older than this, the next token causes a fetch. So a signing key that the authorization
 * server has removed is refused soon after this time, if the authorization server is reachable.
 */
const freshMilliseconds = 10 * 60_000;
/**
 * The minimum time between two fetches that `find` starts for the same reason: the cached signing keys are old, or a
 * token has an unknown key.
 */
const cooldownMilliseconds = 60_000;
/**
 * While the authorization server is unreachable, the cached key set is used for this time after it was fetched, so that
 * an outage does not lock out every client.
 */
const keepMilliseconds = 24 * 3_600_000;
/** Without any signing key, no token can be verified, so the retry comes soon. */
const retryMilliseconds = 1_000;
/**
 * `learn` waits until this time has passed since the last fetch began, so that many calls in a row cause few fetches.
 */
const learnMilliseconds = 250;

/** The authorization server's public keys: cached, refreshed, and kept during an outage of the authorization server. */
export class SigningKeys {
  readonly #options: SigningKeysOptions;
  #cached: { readonly find: ReturnType<typeof createLocalJWKSet>; readonly fetchedAt: number } | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #askedForUnknownAt = Number.NEGATIVE_INFINITY;
  #pending: Promise<void> | undefined;
  #learning: Promise<void> | undefined;

  constructor(options: SigningKeysOptions) {
    this.#options = options;
  }

  get isAvailable(): boolean {
    return this.#cached !== undefined && this.#options.now() - this.#cached.fetchedAt <= keepMilliseconds;
  }

  /**
   * Fetches the authorization server's signing keys if none are cached. @returns whether there are keys to verify
   * tokens with
   */
  async ensureAvailable(): Promise<boolean> {
    if (!this.isAvailable) await this.#refresh(retryMilliseconds);
    return this.isAvailable;
  }

  /**
   * Finds the signing key that a token's header names.
   * @throws SigningKeysUnavailable, or jose's JWKSNoMatchingKey
   */
  readonly find = async (header: JWTHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> => {
    const now = this.#options.now();
    if (this.#cached === undefined || !this.isAvailable) await this.#refresh(retryMilliseconds);
    // The fetch runs in the background: the cached keys are still valid, so no request has to wait.
    else if (elapsedSince(this.#cached.fetchedAt, now) > freshMilliseconds) void this.#refresh(cooldownMilliseconds);
    if (this.#cached === undefined || !this.isAvailable)
      throw new SigningKeysUnavailable(
        'no key set of the authorization server could be fetched, and none of the last day is cached',
      );
    try {
      return await this.#cached.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#refreshForUnknownKey(now);
      return this.#cached.find(header, token);
    }
  };

  /**
   * Fetches the key set. To be called when the authorization server has, or may have, a signing key that is not cached.
   */
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

  /**
   * Fetches the key set even if the last fetch was recent. The authorization server may have added the signing key
   * since then, because signing keys are rotated without restarting the proxies. Unknown keys start at most one fetch
   * in `cooldownMilliseconds`.
   */
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

  /** If the key set cannot be fetched or read, the cached key set stays. */
  async #fetch(): Promise<void> {
    try {
      const find = createLocalJWKSet(await this.#options.fetchKeySet());
      this.#cached = { find, fetchedAt: this.#options.now() };
    } catch (error) {
      this.#options.onFailure(error);
    }
  }
}

import { hash } from 'node:crypto';
import { FairGate, GateFullError } from '@aipassport/contracts';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { Denied } from '../denials/denial.js';
import { elapsedSince } from '../elapsed.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import type { AuthorizationServer } from './authorization-server.js';
import { leewaySeconds, type Verification, type VerificationOptions, verifySignature } from './verify-signature.js';

interface Known {
  readonly claims: AccessTokenClaims;
  /** `unconfirmed`: the signature is valid, but the authorization server could not be asked yet. */
  state: 'confirmed' | 'inactive' | 'unconfirmed';
}

export interface IntrospectorOptions extends VerificationOptions {
  readonly authorizationServer: AuthorizationServer;
  readonly log: Logger;
  /**
   * For this time after the authorization server did not accept a token, the proxy sends no further introspection
   * request for it.
   */
  readonly refusedMilliseconds: number;
}

/** A token, and the request that brought it. */
interface Presented {
  readonly accessToken: string;
  readonly tokenHash: string;
  readonly requestId: string;
}

type KeyUnknown = Extract<Verification, { kind: 'key_unknown' }>;

const maxKnownTokens = 50_000;
/** No access token is valid for longer than this. */
const maxTokenMilliseconds = 11 * 60_000;
/**
 * The minimum time between two removals of expired tokens from the cache. They are removed even if no other tokens need
 * the space.
 */
const expiredTokenSweepMilliseconds = 60_000;
/**
 * After an introspection request has failed, the proxy sends no other for this time, and requests do not wait for the
 * authorization server.
 */
const pauseAfterFailureMilliseconds = 5_000;

/**
 * For tokens whose signing key is not cached, at most four introspection requests are sent at a time. The authorization
 * server answers the waiting ones within a fraction of a second.
 */
const unknownKeyGate = { maxUnderWay: 4, maxWaiting: 256 };
const maxRefusedTokens = 10_000;

/**
 * Finds the grant that a token belongs to. This proxy verifies the signature. When it sees a token for the first time,
 * it also asks the authorization server (RFC 7662). If the token's signing key is not cached, the authorization server
 * alone decides. The cache can be lost at any time and never admits a request by itself: the grant's row decides about
 * revocation and limits at every request.
 */
export class TokenIntrospector {
  readonly #options: IntrospectorOptions;
  /** Keyed by the SHA-256 of the token, so that no bearer token stays in memory. */
  readonly #known = new LRUCache<string, Known>({ max: maxKnownTokens, ttl: maxTokenMilliseconds });
  /**
   * Tokens that the authorization server recently did not accept. It is not asked about them again while they are
   * cached. They are cached only briefly, because it may accept them a moment later: after it has learned of a new
   * signing key, or after an operator has unblocked the client. The cache is separate, so that invented tokens do not
   * displace real ones.
   */
  readonly #refused: LRUCache<string, Known>;
  readonly #unknownKeys = new FairGate(unknownKeyGate);
  readonly #pending = new Map<string, Promise<Known>>();
  #failedAt = Number.NEGATIVE_INFINITY;
  #clearAt = Number.NEGATIVE_INFINITY;

  constructor(options: IntrospectorOptions) {
    this.#options = options;
    this.#refused = new LRUCache({ max: maxRefusedTokens, ttl: options.refusedMilliseconds });
  }

  /** @throws Denied for a token that this proxy does not accept, or cannot verify now */
  async introspect(accessToken: string, requestId: string): Promise<AccessTokenClaims> {
    const tokenHash = hash('sha256', accessToken, 'base64');
    const refused = this.#refused.get(tokenHash);
    const known = refused ?? this.#known.get(tokenHash);
    const now = this.#options.now();
    if (known !== undefined && now / 1000 > known.claims.expiresAtSeconds + leewaySeconds) {
      this.#known.delete(tokenHash);
      throw new Denied({ reason: 'token_expired' });
    }
    // The authorization server is asked if the token is new, or if it was never confirmed.
    const isDecided = known !== undefined && (known === refused || known.state === 'confirmed' || this.#isPausing());
    const { state, claims } = isDecided ? known : await this.#introspectOnce({ accessToken, tokenHash, requestId });
    if (state === 'inactive') throw new Denied({ reason: 'token_inactive' });
    return claims;
  }

  /** Concurrent requests with the same new token share one verification and one introspection request. */
  #introspectOnce(presented: Presented): Promise<Known> {
    const { tokenHash } = presented;
    const pending = this.#pending.get(tokenHash);
    if (pending !== undefined) return pending;
    const started = this.#verify(presented).finally(() => this.#pending.delete(tokenHash));
    this.#pending.set(tokenHash, started);
    return started;
  }

  #remember(tokenHash: string, known: Known): void {
    const now = performance.now();
    if (now >= this.#clearAt) {
      this.#known.purgeStale();
      this.#clearAt = now + expiredTokenSweepMilliseconds;
    }
    this.#known.set(tokenHash, known);
  }

  #isPausing(): boolean {
    return elapsedSince(this.#failedAt, this.#options.now()) < pauseAfterFailureMilliseconds;
  }

  async #verify(presented: Presented): Promise<Known> {
    const { tokenHash } = presented;
    const verification = await verifySignature(this.#options, presented.accessToken);
    if (verification.kind === 'key_unknown') return this.#decideByIssuer(presented, verification);
    const answer = await this.#ask(presented);
    // while the authorization server cannot be asked, its last answer about this token decides
    const state = answer === 'unconfirmed' ? (this.#known.get(tokenHash)?.state ?? answer) : answer;
    const known: Known = { claims: verification.claims, state };
    this.#remember(tokenHash, known);
    if (answer === 'inactive') this.#refused.set(tokenHash, known);
    return known;
  }

  /**
   * A signing key that is not in the cached key set is either new or invented. Only the authorization server knows
   * which of the two it is, and it verifies the signature before it reports a token as active. If the token is active,
   * the key set is fetched again.
   *
   * @throws Denied `authorization_server_unavailable` when the authorization server cannot be asked, because the token
   * may be valid; `overloaded` when too many such tokens wait; `introspection_refused` when the authorization server
   * does not accept this proxy's credentials
   */
  async #decideByIssuer(presented: Presented, { keyId, claims }: KeyUnknown): Promise<Known> {
    const { tokenHash } = presented;
    const state = await this.#askInTurn(keyId, presented);
    if (state === 'unconfirmed') throw new Denied({ reason: 'authorization_server_unavailable' });
    const known: Known = { claims, state };
    if (state === 'inactive') this.#refused.set(tokenHash, known);
    else {
      this.#remember(tokenHash, known);
      void this.#options.keys.learn();
    }
    return known;
  }

  /**
   * Asks the authorization server about a token whose signing key is not cached. If too many tokens wait already, the
   * key set is fetched again instead, so that this proxy can verify a token with a real signing key.
   */
  async #askInTurn(keyId: string, presented: Presented): Promise<Known['state']> {
    try {
      return await this.#unknownKeys.run(keyId, async () => this.#ask(presented));
    } catch (error) {
      if (!(error instanceof GateFullError)) throw error;
      await this.#options.keys.learn();
      const again = await verifySignature(this.#options, presented.accessToken);
      if (again.kind === 'key_unknown') throw new Denied({ reason: 'overloaded' }, { cause: error });
      return this.#ask(presented);
    }
  }

  /**
   * Asks the authorization server whether a token is active.
   * @returns `unconfirmed` when the authorization server cannot be reached, or while no introspection requests are sent
   * after a failure. If the signature of the token was verified, the database alone decides then
   * @throws Denied `introspection_refused` when the authorization server does not accept this proxy's credentials
   */
  async #ask({ accessToken, requestId }: Presented): Promise<Known['state']> {
    const { authorizationServer, log, now } = this.#options;
    if (this.#isPausing()) return 'unconfirmed';
    const answer = await authorizationServer.introspect(accessToken, requestId).catch((error: unknown) => {
      this.#failedAt = now();
      log.warn(
        { event: 'introspection_unavailable', request_id: requestId, err: error },
        'the authorization server cannot be asked about tokens',
      );
      return 'unconfirmed' as const;
    });
    if (answer !== 'refused') return answer === 'active' ? 'confirmed' : answer;
    log.error(
      { event: 'introspection_refused', request_id: requestId },
      'the authorization server refuses our client credentials',
    );
    throw new Denied({ reason: 'introspection_refused' });
  }
}

import { type Database, isStatementRefused } from '@aipassport/store';
import {
  type Admission,
  type AdmissionRequest,
  admitRequests,
  LeaseLostError,
  type OperatorKeys,
} from '@aipassport/store/proxying';
import { LRUCache } from 'lru-cache';
import { type Batcher, createBatcher } from '../create-batcher.js';
import { Denied } from '../denials/denial.js';
import type { OnFailpoint } from '../failpoint.js';
import type { Settler } from './create-settler.js';
import type { LeaseKeeper } from './keep-lease.js';

export interface AdmissionStatementOptions {
  readonly db: Database;
  readonly lease: LeaseKeeper;
  readonly settler: Settler;
  readonly catalogueVersion: string;
  /** The requests that have asked for admission and are not settled. */
  readonly openRequests: Set<string>;
  readonly operatorKeys?: OperatorKeys;
  /** Called before each statement, with the number of its requests. */
  readonly onBatch?: (requests: number) => void;
  /** Called when the verdict or the error of a request is known, with the time that the request has waited. */
  readonly onAnswered?: (waitedMilliseconds: number) => void;
  /** Called when the statement fails because of the data of one request. */
  readonly onUnusable?: (error: unknown, request: AdmissionRequest) => void;
  readonly onFailpoint?: OnFailpoint | undefined;
}

type Requests = readonly AdmissionRequest[];

/**
 * When a batch starts, requests that have waited longer than this are refused. So if the database does not answer, a
 * client waits for at most this time and the statement timeout together.
 */
const maxWaitMilliseconds = 1_000;
/**
 * If the statement fails because of the data of one request (a data exception or a violated constraint), further
 * requests of the same grant are refused for this time without asking the database.
 */
const unusableMilliseconds = 1_000;

/**
 * Part two of admission: sends the statement `admit_requests`, and reacts when it fails. Requests that ask at the same
 * time share one statement. Part one, `AdmissionQueue`, decides when a request asks.
 */
export class AdmissionStatement {
  readonly #options: AdmissionStatementOptions;
  readonly #ask: Batcher<AdmissionRequest, Admission>;
  /**
   * The grants with a request whose data made the statement fail, and the error. A further request of such a grant
   * would make its batch fail, which would delay the other requests of the batch.
   */
  readonly #unusable = new LRUCache<string, string>({ max: 10_000, ttl: unusableMilliseconds });

  constructor(options: AdmissionStatementOptions) {
    this.#options = options;
    this.#ask = createBatcher((requests: Requests) => this.#runBatch(requests), {
      maxWaitMilliseconds,
      refuse: () => new Denied({ reason: 'overloaded' }),
      isAboutItem: isStatementRefused,
    });
  }

  /**
   * Asks the database whether a request may be sent. When the promise resolves to `admitted`, the reservation is
   * committed, and the caller must call `settle` exactly once.
   *
   * @throws Denied `overloaded` when the request has waited too long for a batch
   * @throws Denied `grant_unusable` when the statement fails because of the data of this request, even if no other
   * request is in its batch
   * @throws when the database does not answer: the request is not admitted then, and its reservation is released if
   * there is one
   */
  async admit(request: AdmissionRequest): Promise<Admission> {
    const known = this.#unusable.get(request.grantId);
    if (known !== undefined) throw new Denied({ reason: 'grant_unusable', detail: known });
    const askedAt = performance.now();
    try {
      return await this.#ask(request);
    } catch (error) {
      throw isStatementRefused(error) ? this.#denyUnusable(request, error) : error;
    } finally {
      this.#options.onAnswered?.(performance.now() - askedAt);
    }
  }

  async #runBatch(requests: Requests): Promise<readonly Admission[]> {
    this.#options.onBatch?.(requests.length);
    for (const { requestId } of requests) this.#options.openRequests.add(requestId);
    try {
      const admissions = await this.#sendUnderLease(requests);
      this.#forget(requests.filter((_, index) => admissions[index]?.verdict !== 'admitted'));
      return admissions;
    } catch (error) {
      if (isStatementRefused(error)) this.#forget(requests);
      else this.#releaseUnanswered(requests);
      throw error;
    }
  }

  /** If another process has declared this process dead, this process takes a new lease and asks again. */
  async #sendUnderLease(requests: Requests): Promise<readonly Admission[]> {
    try {
      return await this.#send(requests);
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      await this.#options.lease.replace();
      return this.#send(requests);
    }
  }

  #send(requests: Requests): Promise<readonly Admission[]> {
    const { db, lease, catalogueVersion, operatorKeys, onFailpoint } = this.#options;
    const admissions = admitRequests(db, { replicaId: lease.replicaId(), catalogueVersion, requests, operatorKeys });
    onFailpoint?.('before_admission_commit');
    return admissions;
  }

  /** Forgets requests that have no reservation. */
  #forget(requests: Requests): void {
    for (const { requestId } of requests) this.#options.openRequests.delete(requestId);
  }

  /**
   * Called when the database's reply is missing. The transaction may have committed all the same. Nothing was sent
   * upstream, so this releases any reservation that the transaction made.
   */
  #releaseUnanswered(requests: Requests): void {
    for (const { requestId, grantId, accountId } of requests)
      this.#options.settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
  }

  /**
   * Remembers for a short time that the data of a request of this grant made the statement fail. The error is reported
   * once in that time.
   */
  #denyUnusable(request: AdmissionRequest, error: unknown): Denied {
    const detail = error instanceof Error ? error.message : '';
    if (!this.#unusable.has(request.grantId)) this.#options.onUnusable?.(error, request);
    this.#unusable.set(request.grantId, detail);
    return new Denied({ reason: 'grant_unusable', detail }, { cause: error });
  }
}

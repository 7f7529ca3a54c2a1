import type { FoundObject } from '@aipassport/store/proxying';
import { type Denial, Denied } from '../denials/denial.js';
import { freeBytes, type UnsharedBytes } from '../free-bytes.js';
import { measureJson } from '../json/read-strict-json.js';
import type { ProxyLimits } from '../limits.js';
import { once } from '../once.js';
import type { BodyBytes } from '../reading/body-bytes.js';
import type { BodyWorkers } from './body-workers.js';
import type { CallFacts } from './call-facts.js';
import type { BodyOwner } from './fair-queue.js';
import { type BodyRules, type CallOrder, type ComposedBody, type CountOrder, prepareCall } from './prepare-call.js';
import type { PreparationAnswer, PreparationTask } from './prepare-in-worker.js';

export type { CountOrder } from './prepare-call.js';

export interface PreparationDependencies extends BodyRules {
  readonly bodyWorkers: BodyWorkers;
  readonly limits: Pick<ProxyLimits, 'smallBodyBytes' | 'smallBodyValues'>;
}

export interface BodyPreparation {
  readonly body: BodyBytes;
  readonly order: CallOrder;
  readonly owner: BodyOwner;
  /** Returns the reason why the body is no longer needed; undefined while it is needed. */
  readonly findCut: () => Denial | undefined;
  /** Finds which of these names are objects that are stored for the grant. */
  readonly findState: (names: readonly string[]) => Promise<readonly FoundObject[]>;
}

/** A prepared call. Its body is written after the reservation is known. */
export interface PreparedBody {
  readonly facts: CallFacts;
  /**
   * Returns the body as it will be sent. Called once, after the admission.
   * @throws Denied when its limits have to be lowered and no thread is available
   */
  readonly compose: (reservedNanoUsd: bigint) => Promise<ComposedBody>;
  /**
   * Serialises the body for the vendor's own counting. Returns undefined when the vendor offers no counting, or when
   * its count would not be reliable.
   */
  readonly composeCount: () => Promise<Buffer | undefined>;
  /**
   * Prepares the same body again with the counted input, in another thread. The result replaces this prepared body.
   * @returns undefined when that is not possible, for instance because no thread is available; then this prepared body
   * stays valid
   * @throws Denied when that is not possible, and the body was lost in the attempt
   */
  readonly recount: (counted: CountOrder) => Promise<PreparedBody | undefined>;
  /** Frees the remaining memory of the body. May be called more than once. */
  readonly discard: () => void;
}

/**
 * Prepares a body: in this thread if that takes only a few milliseconds, otherwise in another thread.
 * @throws Denied
 */
export async function prepareBody(deps: PreparationDependencies, preparation: BodyPreparation): Promise<PreparedBody> {
  const { body, order } = preparation;
  const { smallBodyBytes, smallBodyValues } = deps.limits;
  if (body.length > smallBodyBytes) return prepareInThread(deps, preparation, body.takePieces());
  const bytes = body.join();
  const shape = measureJson(bytes);
  if (shape.values > smallBodyValues) return prepareInThread(deps, preparation, [copy(bytes)]);
  let prepared = prepareCall(deps, order, { bytes, shape });
  const resolved = await resolveState(preparation, prepared.facts);
  if (resolved !== undefined) prepared = prepareCall(deps, resolved.order, { bytes, shape });
  const { facts, compose, composeCount } = prepared;
  return {
    facts,
    compose: once((reservedNanoUsd) => Promise.resolve(compose(reservedNanoUsd))),
    composeCount: () => Promise.resolve(composeCount()),
    recount: (counted) =>
      prepareInThread(deps, withCount(resolved ?? preparation, counted), [copy(bytes)]).catch((error: unknown) => {
        if (error instanceof Denied) return undefined;
        throw error;
      }),
    // The buffer is small, so it is left to the garbage collector.
    discard: () => undefined,
  };
}

function copy(bytes: Buffer): Buffer<ArrayBuffer> {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

function withCount(preparation: BodyPreparation, counted: CountOrder): BodyPreparation {
  return { ...preparation, order: { ...preparation.order, counted } };
}

/**
 * @returns the preparation to run again, with the objects that were found; undefined when the body contains no name
 * that must be looked up
 */
async function resolveState(
  preparation: BodyPreparation,
  { state: { unresolved } }: CallFacts,
): Promise<BodyPreparation | undefined> {
  if (unresolved.length === 0) return undefined;
  const { order, findState } = preparation;
  return { ...preparation, order: { ...order, state: { ...order.state, found: await findState(unresolved) } } };
}

async function prepareInThread(
  deps: PreparationDependencies,
  preparation: BodyPreparation,
  pieces: PreparationTask['pieces'],
): Promise<PreparedBody> {
  const { bodyWorkers } = deps;
  const { order, owner, findCut } = preparation;
  const ask = async (task: Pick<PreparationTask, 'pieces' | 'reservedNanoUsd' | 'purpose'>) =>
    requireAnswer(await bodyWorkers.prepare({ owner, findCut, task: { ...order, ...task } }));
  let answer: PreparedInThread | undefined = await ask({ pieces, reservedNanoUsd: undefined });
  const resolved = await resolveState(preparation, answer.facts);
  if (resolved !== undefined) return prepareInThread(deps, resolved, [answer.bytes]);
  const { facts } = answer;
  const discard = () => {
    if (answer === undefined) return;
    freeBytes(answer.bytes);
    if (answer.composed !== undefined) freeBytes(answer.composed);
    answer = undefined;
  };
  const compose = async (reservedNanoUsd: bigint) => {
    if (answer === undefined) throw new Error('the body has been composed or discarded already');
    const isWhole = facts.cost.ok && reservedNanoUsd >= facts.cost.quote.worstCaseNanoUsd;
    if (!isWhole || answer.composed === undefined) answer = await ask({ pieces: [takeBytes()], reservedNanoUsd });
    const { bytes, composed, maxOutputTokens } = answer;
    answer = undefined;
    freeBytes(bytes);
    if (composed === undefined) throw new Error('the body has no price, so it cannot be sent');
    return { bytes: Buffer.from(composed.buffer, composed.byteOffset, composed.byteLength), maxOutputTokens };
  };
  /** Frees the composed body and returns the body as it arrived. */
  const takeBytes = (): UnsharedBytes => {
    if (answer === undefined) throw new Error('the body has been composed or discarded already');
    const { bytes, composed } = answer;
    if (composed !== undefined) freeBytes(composed);
    answer = undefined;
    return bytes;
  };
  const composeCount = async () => {
    answer = await ask({ pieces: [takeBytes()], reservedNanoUsd: undefined, purpose: 'counting' });
    const { composed } = answer;
    answer = { ...answer, composed: undefined };
    return composed && Buffer.from(composed.buffer, composed.byteOffset, composed.byteLength);
  };
  const recount = (counted: CountOrder) => prepareInThread(deps, withCount(preparation, counted), [takeBytes()]);
  return { facts, compose, composeCount, recount, discard };
}

type PreparedInThread = Extract<PreparationAnswer, { readonly ok: true }>;

function requireAnswer(answer: PreparationAnswer): PreparedInThread {
  if (!answer.ok) throw new Denied(answer.denial);
  return answer;
}

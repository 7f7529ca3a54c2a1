import { type Denial, Denied } from '../denials/denial.js';
import { freeBytes } from '../free-bytes.js';
import { measureJson } from '../json/read-strict-json.js';
import type { ProxyLimits } from '../limits.js';
import { once } from '../once.js';
import type { BodyBytes } from '../reading/body-bytes.js';
import type { BodyWorkers } from './body-workers.js';
import type { CallFacts } from './call-facts.js';
import type { BodyOwner } from './fair-queue.js';
import { type CallOrder, type ComposedBody, prepareCall, type Rulebook } from './prepare-call.js';
import type { PreparationAnswer, PreparationTask } from './prepare-in-worker.js';

export interface PreparationDependencies extends Rulebook {
  readonly bodyWorkers: BodyWorkers;
  readonly limits: Pick<ProxyLimits, 'smallBodyBytes' | 'smallBodyValues'>;
}

export interface BodyPreparation {
  readonly body: BodyBytes;
  readonly order: CallOrder;
  readonly owner: BodyOwner;
  /** The reason why the body is no longer needed. */
  readonly findCut: () => Denial | undefined;
}

/** A prepared call. Its body is written after the reservation is known. */
export interface PreparedBody {
  readonly facts: CallFacts;
  /**
   * The body as it will be sent. Called once, after the admission.
   * @throws Denied when its limits have to be lowered and no thread is available
   */
  readonly compose: (reservedNanoUsd: bigint) => Promise<ComposedBody>;
  /** Frees the remaining memory of the body. May be called more than once. */
  readonly discard: () => void;
}

/**
 * Prepares a body: in this thread if that takes at most some milliseconds, otherwise in another thread.
 * @throws Denied
 */
export async function prepareBody(deps: PreparationDependencies, preparation: BodyPreparation): Promise<PreparedBody> {
  const { body, order } = preparation;
  const { smallBodyBytes, smallBodyValues } = deps.limits;
  if (body.length > smallBodyBytes) return prepareInThread(deps, preparation, body.takePieces());
  const bytes = body.join();
  const shape = measureJson(bytes);
  if (shape.values > smallBodyValues) {
    const own = Buffer.allocUnsafeSlow(bytes.length);
    own.set(bytes);
    return prepareInThread(deps, preparation, [own]);
  }
  const { facts, compose } = prepareCall(deps, order, { bytes, shape });
  return {
    facts,
    compose: once((reservedNanoUsd) => Promise.resolve(compose(reservedNanoUsd))),
    // Too small to be worth it.
    discard: () => undefined,
  };
}

async function prepareInThread(
  { bodyWorkers }: PreparationDependencies,
  { order, owner, findCut }: BodyPreparation,
  pieces: PreparationTask['pieces'],
): Promise<PreparedBody> {
  const ask = async (task: Pick<PreparationTask, 'pieces' | 'reservedNanoUsd'>) =>
    requireAnswer(await bodyWorkers.prepare({ owner, findCut, task: { ...order, ...task } }));
  let answer: PreparedInThread | undefined = await ask({ pieces, reservedNanoUsd: undefined });
  const { facts } = answer;
  const discard = () => {
    if (answer === undefined) return;
    freeBytes(answer.bytes);
    if (answer.composed !== undefined) freeBytes(answer.composed);
    answer = undefined;
  };
  const compose = async (reservedNanoUsd: bigint) => {
    if (answer === undefined) throw new Error('a body is composed once');
    const isWhole = facts.cost.ok && reservedNanoUsd >= facts.cost.quote.worstCaseNanoUsd;
    if (!isWhole) {
      const { bytes, composed } = answer;
      if (composed !== undefined) freeBytes(composed);
      answer = undefined;
      answer = await ask({ pieces: [bytes], reservedNanoUsd });
    }
    const { bytes, composed, maxOutputTokens } = answer;
    answer = undefined;
    freeBytes(bytes);
    if (composed === undefined) throw new Error('what cannot be priced is not sent');
    return { bytes: Buffer.from(composed.buffer, composed.byteOffset, composed.byteLength), maxOutputTokens };
  };
  return { facts, compose, discard };
}

type PreparedInThread = Extract<PreparationAnswer, { readonly ok: true }>;

function requireAnswer(answer: PreparationAnswer): PreparedInThread {
  if (!answer.ok) throw new Denied(answer.denial);
  return answer;
}

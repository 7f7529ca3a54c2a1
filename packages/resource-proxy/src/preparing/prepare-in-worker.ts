import { getPriority, setPriority } from 'node:os';
import { createModelCatalogue, createPriceCatalogue, type PriceOverrides } from '@aipassport/policy';
import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { type Denial, Denied } from '../denials/denial.js';
import { freeBytes, type UnsharedBytes } from '../free-bytes.js';
import { measureRecording } from '../recordings/measure-recording.js';
import type { CallFacts } from './call-facts.js';
import { type BodyRules, type CallOrder, prepareCall } from './prepare-call.js';
import { createRequestRules, type RequestSettings } from './request-rules.js';

/** The data that each thread starts with. */
export interface WorkerSetup {
  readonly priceOverrides: PriceOverrides | undefined;
  readonly requestSettings: RequestSettings;
}

export interface PreparationTask extends CallOrder {
  /**
   * The pieces of the body, in order. They are transferred to the thread, and the answer returns the body in one piece.
   */
  readonly pieces: readonly UnsharedBytes[];
  /** The reservation, for a second preparation that lowers the limits to it. */
  readonly reservedNanoUsd: bigint | undefined;
  /** What the thread composes: the body that will be sent, or the body for the vendor's counting. */
  readonly purpose?: 'sending' | 'counting' | undefined;
}

export type PreparationAnswer =
  | {
      readonly ok: true;
      readonly facts: CallFacts;
      /** The body as it arrived, in one piece. */
      readonly bytes: UnsharedBytes;
      /**
       * The body as it will be sent, or the body for the vendor's counting. Undefined when the body has no price, so
       * that it will not be sent, and when the vendor cannot count it.
       */
      readonly composed: UnsharedBytes | undefined;
      /** The output limit in the body as it will be sent: see `ComposedBody`. */
      readonly maxOutputTokens: number | undefined;
    }
  | { readonly ok: false; readonly denial: Denial };

/**
 * The threads have a lower priority than the event loop and a database on the same machine, because clients wait for
 * the event loop and the database.
 */
const niceness = 10;
const mostNiceness = 19;

// On Linux this applies to the thread only; on other systems it would apply to the whole process.
if (process.platform === 'linux') setPriority(0, Math.min(mostNiceness, getPriority(0) + niceness));

const { priceOverrides, requestSettings } = workerData as WorkerSetup; // set by `BodyWorkers`
const rulebook: BodyRules = {
  models: createModelCatalogue(priceOverrides),
  prices: createPriceCatalogue(priceOverrides),
  requestRules: createRequestRules(requestSettings),
  countingClock: () => performance.now(),
};

/** The task to measure a recording. */
export interface RecordingTask {
  readonly purpose: 'measuring';
  readonly pieces: readonly UnsharedBytes[];
}

/** The program of a thread of `BodyWorkers`. The bodies in its answer are transferred, not copied. */
export default function prepareInWorker(task: PreparationTask | RecordingTask): unknown {
  if (task.purpose === 'measuring') return measureRecording(join(task.pieces));
  const answer = prepare(task);
  const moved = answer.ok ? [answer.bytes.buffer, ...(answer.composed ? [answer.composed.buffer] : [])] : [];
  return move({ [transferableSymbol]: moved, [valueSymbol]: answer });
}

function prepare({ pieces, reservedNanoUsd, purpose, ...order }: PreparationTask): PreparationAnswer {
  const bytes = join(pieces);
  try {
    const { facts, compose, composeCount } = prepareCall(rulebook, order, { bytes });
    if (purpose === 'counting') {
      const composed = composeCount();
      return { ok: true, facts, bytes, composed: composed && ownBytes(composed), maxOutputTokens: undefined };
    }
    const composed = facts.cost.ok ? compose(reservedNanoUsd) : undefined;
    const { maxOutputTokens } = composed ?? {};
    return { ok: true, facts, bytes, composed: composed && ownBytes(composed.bytes), maxOutputTokens };
  } catch (error) {
    if (!(error instanceof Denied)) throw error;
    freeBytes(bytes);
    return { ok: false, denial: error.denial };
  }
}

function join(pieces: PreparationTask['pieces']): Buffer<ArrayBuffer> {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  const bytes = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
    // Each piece is freed after it was copied, so that the whole body is never in memory twice.
    freeBytes(piece);
  }
  return bytes;
}

/** Nothing else shares the memory of these bytes, because `MediaStrings.write` does not take its buffer from a pool. */
function ownBytes(bytes: Buffer): UnsharedBytes {
  return bytes as UnsharedBytes;
}

import { totalInputTokens } from '@aipassport/policy';
import { closeTurn, openTurn, type Turn } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { AnswerSink } from '../forwarding/relay-options.js';
import { type BackgroundRequest, recordStateChanges } from '../state/record-answer.js';
import { RecordedAnswer } from '../state/recorded-answer.js';
import { unknownTokens } from '../state/state-facts.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { Reservation } from './admit.js';

/** The recording of one answer. */
export interface StateRecording {
  readonly record: (relay: AnswerSink) => AnswerSink;
  /**
   * For a background response: waits until the response's identifier has been recorded, or can no longer arrive. For
   * any other response: returns at once.
   */
  readonly finish: () => Promise<void>;
}

/**
 * Prepares the recording of the objects that the vendor will store for a request. If the request belongs to a
 * conversation, locks that conversation until the response has ended.
 *
 * @returns undefined when the vendor stores nothing and the request belongs to no conversation
 * @throws Denied `conversation_locked`. In this case the request is not counted
 */
export async function recordState(
  deps: ProxyDependencies,
  exchange: Exchange,
  reservation: Reservation,
): Promise<StateRecording | undefined> {
  const { call, quote } = reservation;
  const { state, match } = call;
  const { storedState } = upstreamApis[match.operation.dialect];
  if (storedState === undefined || (!state.isStored && state.conversationId === undefined)) return undefined;
  const { grantId, accountId, upstream } = reservation.request;
  const isCut = mayBeCut(deps, reservation);
  const open = await takeTurn(deps, reservation, { isCut, keptDays: storedState.keptDays.conversation });
  const owner = {
    grantId,
    accountId,
    upstream,
    keptDays: storedState.keptDays,
    mostTokens: isCut ? unknownTokens : quote.tokens,
    isCut,
    pictures: state.pictures + state.ownPictures,
    turn: open?.turn,
    background: describeBackground(deps, exchange, reservation),
  };
  let answer: RecordedAnswer | undefined;
  return {
    record: (relay) =>
      (answer = new RecordedAnswer({
        relay,
        read: storedState.createReader(match.operation.form, undefined),
        record: (changes) => recordStateChanges(deps, owner, changes),
        // The request was refused, so nothing was added to the conversation.
        onRefused: async () => open && closeTurn(deps.db, open.turn, open.tokens),
        isBackground: state.isBackground,
      })),
    finish: async () => {
      if (state.isBackground) await answer?.ended;
    },
  };
}

async function takeTurn(
  { db, settler }: ProxyDependencies,
  { call, quote, request }: Reservation,
  { isCut, keptDays }: { readonly isCut: boolean; readonly keptDays: number },
): Promise<{ readonly turn: Turn; readonly tokens: number } | undefined> {
  const { conversationId } = call.state;
  if (conversationId === undefined) return undefined;
  const { requestId, grantId, accountId, upstream } = request;
  const turn = { grantId, upstream, conversationId, requestId };
  const tokens = await openTurn(db, turn, {
    addedTokens: isCut ? unknownTokens : quote.tokens - call.state.tokens,
    addedPictures: call.state.ownPictures,
    knownTokens: call.state.conversationTokens,
    keptDays,
  });
  if (tokens !== undefined) return { turn, tokens };
  settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
  throw new Denied({ reason: 'conversation_locked' });
}

/**
 * Whether the vendor may store input that the model does not read, because the model's context window is too small. A
 * model with a larger window may read all of it in a later request, so the usage of this request does not show how many
 * tokens were stored.
 */
function mayBeCut({ prices }: Pick<ProxyDependencies, 'prices'>, { call, quote }: Reservation): boolean {
  const window = prices.findLimits(call.model.upstream, call.model.id)?.maxInputTokens ?? 0;
  return call.state.mayCut && Math.max(...quote.inputs.map(totalInputTokens)) >= window;
}

function describeBackground(
  { settler }: ProxyDependencies,
  exchange: Exchange,
  { call, quote, request, admission }: Reservation,
): BackgroundRequest | undefined {
  if (!call.state.isBackground) return undefined;
  const { requestId } = request;
  const { inputs, output, worstCaseNanoUsd } = quote;
  return {
    requestId,
    quote: {
      inputs,
      output,
      worstCaseNanoUsd,
      reservedNanoUsd: admission.reserved,
      model: call.model.id,
      pricedAtMilliseconds: exchange.startedAtMilliseconds,
    },
    onHandedOver: () => {
      exchange.isHandedOver = true;
      settler.handOver(requestId);
    },
  };
}

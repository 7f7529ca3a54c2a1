import {
  closeTurn,
  findBackgroundResponse,
  keepInBackground,
  type OpenBackgroundResponse,
  type StoredObject,
  type Turn,
} from '@aipassport/store/proxying';
import type { ProxyDependencies } from '../dependencies.js';
import { type BackgroundQuote, formatQuote } from './background/background-quote.js';
import { settleBackground } from './background/settle-background.js';
import type { StateChanges, StoredResponse, StoredState } from './stored-state.js';

export type RecordDependencies = Pick<ProxyDependencies, 'db' | 'prices' | 'recordObjects'>;

/** The owner of an answer, and the facts that are recorded with the objects that the answer names. */
export interface AnswerOwner extends Pick<StoredObject, 'grantId' | 'upstream'> {
  readonly accountId: string;
  readonly keptDays: StoredState['keptDays'];
  /**
   * The maximum number of tokens that the response may add to the input of a later turn. It is assumed until the usage
   * of the response is known.
   */
  readonly mostTokens: number;
  /** Whether the usage may leave out a part of the stored tokens. If so, `mostTokens` is recorded instead. */
  readonly isCut?: boolean;
  /** The maximum number of pictures that the response may add to the input of a later turn. */
  readonly pictures: number;
  /** The tokens of a conversation that is being created. */
  readonly conversationTokens?: number;
  /**
   * The turn of this request in a conversation. The conversation is locked until the turn ends. The turn ends when the
   * response has ended, also if the response continues in the background.
   */
  readonly turn?: Turn | undefined;
  /** Present for a response that continues in the background. */
  readonly background?: BackgroundRequest | undefined;
}

/** A request whose response continues after the connection has ended. */
export interface BackgroundRequest {
  readonly requestId: string;
  readonly quote: BackgroundQuote;
  /** Called when the reservation no longer belongs to this process. */
  readonly onHandedOver: () => void;
}

/**
 * The time until the vendor is first asked for a background response. Later the vendor is asked less often, because
 * most responses take minutes.
 */
const firstCheckSeconds = 2;

/**
 * Records the objects that an answer names, before the client sees them. For a background response, this first hands
 * over the reservation, so that any process may settle it. When the response has ended, its turn of the conversation
 * ends, and a background response is settled.
 */
export async function recordStateChanges(
  deps: RecordDependencies,
  owner: AnswerOwner,
  changes: StateChanges,
): Promise<void> {
  const { grantId, upstream } = owner;
  const { response } = changes;
  if (owner.background !== undefined && response !== undefined) await handOver(deps, owner, response);
  await deps.recordObjects(
    changes.objects.map(({ tokens, ...object }) => ({
      ...object,
      grantId,
      upstream,
      pictures: owner.pictures,
      keptDays: owner.keptDays[object.kind],
      tokens: countStateTokens(owner, object.kind, tokens),
    })),
  );
  if (response === undefined || !response.isFinal) return;
  const { tokens } =
    changes.objects.find(({ kind, outputTokens }) => kind === 'response' && outputTokens !== undefined) ?? {};
  if (owner.turn !== undefined) await closeTurn(deps.db, owner.turn, owner.isCut === true ? undefined : tokens);
  if (response.isBackground) await settleOpen(deps, owner, response);
}

function countStateTokens(
  { conversationTokens = 0, mostTokens, isCut }: AnswerOwner,
  kind: StoredObject['kind'],
  tokens?: number,
) {
  if (tokens !== undefined && isCut !== true) return tokens;
  return kind === 'conversation' ? conversationTokens : mostTokens;
}

async function handOver(
  { db }: RecordDependencies,
  { grantId, accountId, upstream, background }: AnswerOwner,
  { id }: StoredResponse,
): Promise<void> {
  if (background === undefined || id === undefined) return;
  const { requestId, quote, onHandedOver } = background;
  const response = { requestId, grantId, accountId, upstream, responseId: id, quote: formatQuote(quote) };
  await keepInBackground(db, response, firstCheckSeconds);
  onHandedOver();
}

/**
 * Settles a background response that has ended, if that has not been done. The answer to the client contains the usage
 * of the response, so the vendor need not be asked for the response again.
 */
async function settleOpen(
  deps: RecordDependencies,
  { grantId, upstream }: AnswerOwner,
  response: StoredResponse,
): Promise<void> {
  if (response.id === undefined) return;
  const open: OpenBackgroundResponse | undefined = await findBackgroundResponse(deps.db, {
    grantId,
    upstream,
    responseId: response.id,
  });
  if (open !== undefined) await settleBackground(deps, open, response);
}

import type { FoundObject } from '@aipassport/store/proxying';
import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { isStateName, type StateTerms, stateless } from '../../state/state-facts.js';
import type { BodyFacts } from '../upstream-api.js';
import { countPictures } from './count-pictures.js';
import { refuseKeptTools } from './kept-tools.js';
import { type GrantItems, makeSelfContained } from './stateless-items.js';
import { requireOwnFiles } from './stored-files.js';

/** The maximum number of stored objects that a body may name, because each of them is looked up. */
const maxNames = 20_000;

/**
 * Checks how a request for a response uses the state that OpenAI stores. A stored object can be used only at the
 * upstream that stores it, and only by the grant that created it. If the body names objects that have not been looked
 * up, this function only lists their names, and is called again after the lookup. Changes the body.
 *
 * @throws Denied `state_unknown`, `state_not_kept`, `stored_state_refused` or `field_invalid`
 */
export function applyResponseState(body: JsonObject, { state, additions }: BodyFacts): void {
  const { store, background } = body;
  if (!state.terms.isKept) return applyNoState(body, { state, additions });
  const files = [...(state.files?.keys() ?? [])];
  const names = state.terms.found === undefined ? [...listNames(body), ...files] : [];
  if (names.length > maxNames) throw new Denied({ reason: 'field_invalid', field: 'input' });
  if (names.length > 0) {
    state.facts = { ...stateless, unresolved: names };
    return;
  }
  requireOwnFiles(state);
  const own = new OwnState(state.terms);
  const previous = own.require('response', body.previous_response_id ?? null, 'previous_response_id');
  const conversation = own.require('conversation', readConversation(body), 'conversation');
  if (conversation !== undefined) body.conversation = conversation.id;
  const hasContext = previous !== undefined || conversation !== undefined;
  makeSelfContained(body, { own, added: additions.items, hasContext });
  const isBackground = background === true;
  const isStored = store !== false || isBackground;
  if (isStored || conversation !== undefined) refuseKeptTools(body.input, 'input');
  state.facts = {
    unresolved: [],
    isStored,
    needsOwnKey: isStored || own.isUsed || files.length > 0,
    isStoreDropped: false,
    isBackground,
    conversationId: conversation?.id,
    conversationTokens: conversation?.tokens ?? 0,
    tokens: own.tokens,
    pictures: own.pictures,
    ownPictures: countPictures(body.input),
    mayCut: body.truncation === 'auto',
  };
}

/** If nothing may be stored for the grant, the request must not refer to stored objects. Changes the body. */
function applyNoState(body: JsonObject, { state, additions }: Pick<BodyFacts, 'state' | 'additions'>): void {
  const { store } = body;
  for (const field of ['previous_response_id', 'conversation', 'background'])
    if (![null, undefined, false].includes(body[field] as null)) throw new Denied({ reason: 'state_not_kept', field });
  makeSelfContained(body, { own: noItems('state_not_kept'), added: additions.items, hasContext: false });
  // Without this member, the vendor stores the response.
  body.store = false;
  state.facts = { ...stateless, isStoreDropped: store !== false };
}

/**
 * Applies the rules of `applyResponseState` to a request that only counts input tokens. OpenAI stores nothing for such
 * a request. Changes the body.
 */
export function applyCountState(body: JsonObject, bodyFacts: BodyFacts): void {
  applyResponseState(body, bodyFacts);
  delete body.store;
  const { facts } = bodyFacts.state;
  bodyFacts.state.facts = { ...facts, isStored: false, isStoreDropped: false, conversationId: undefined };
}

function noItems(refusal: 'state_not_kept'): GrantItems {
  return {
    take: () => false,
    refuse: (field) => {
      throw new Denied({ reason: refusal, field });
    },
  };
}

type Weight = Pick<FoundObject, 'tokens' | 'pictures'>;

/** The grant's stored objects that a body names, and which of them the body uses. */
class OwnState implements GrantItems {
  readonly #found: ReadonlyMap<string, FoundObject>;
  /**
   * Items of the same kind and the same parent share an entry, because the count that is recorded for each of them is
   * the count of all of them together.
   */
  readonly #taken = new Map<string, Weight>();

  constructor({ found }: StateTerms) {
    this.#found = new Map(found?.map((object) => [object.id, object]));
  }

  get isUsed(): boolean {
    return this.#taken.size > 0;
  }

  get tokens(): number {
    return [...this.#taken.values()].reduce((sum, { tokens }) => sum + tokens, 0);
  }

  get pictures(): number {
    return [...this.#taken.values()].reduce((sum, { pictures }) => sum + pictures, 0);
  }

  readonly take = (id: string): boolean => {
    const object = this.#found.get(id);
    if (object === undefined || (object.kind !== 'output_item' && object.kind !== 'input_item')) return false;
    this.#count(`${object.kind} of ${object.parentId ?? object.id}`, object);
    return true;
  };

  readonly refuse = (field: string): never => {
    throw new Denied({ reason: 'state_unknown', field });
  };

  /** @returns undefined when the body names no object of this kind */
  require(kind: 'response' | 'conversation', name: JsonValue, field: string): FoundObject | undefined {
    if (name === null) return undefined;
    const object = typeof name === 'string' ? this.#found.get(name) : undefined;
    if (object?.kind !== kind) return this.refuse(field);
    this.#count(object.id, object);
    return object;
  }

  #count(name: string, { tokens, pictures }: Weight): void {
    const taken = this.#taken.get(name);
    this.#taken.set(name, {
      tokens: Math.max(tokens, taken?.tokens ?? 0),
      pictures: Math.max(pictures, taken?.pictures ?? 0),
    });
  }
}

/** Reads the identifier of the conversation, which is given as a string or as a member of an object. */
function readConversation({ conversation = null }: JsonObject): JsonValue {
  return isJsonObject(conversation) ? (conversation.id ?? '') : conversation;
}

function listNames(body: JsonObject): readonly string[] {
  const items = Array.isArray(body.input) ? body.input : [];
  const names = [
    body.previous_response_id,
    readConversation(body),
    ...items.map((item) => (isJsonObject(item) ? item.id : null)),
  ];
  return [...new Set(names.filter(isStateName))];
}

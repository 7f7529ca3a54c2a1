import {
  type AccessRequest,
  capabilities,
  costOf,
  countShortChats,
  findMostCost,
  type GrantTerms,
  largeCost,
  type ModelCatalogue,
  type NanoUsd,
  nameModel,
  oneUsd,
  type Price,
  type PriceCatalogue,
  type ScopeToken,
  shortChat,
} from '@aipassport/policy';
import { type Message, message } from '../texts/texts.js';

interface Catalogues {
  readonly models: ModelCatalogue;
  readonly prices: PriceCatalogue;
}

/** A model with the price of a short chat with it. */
interface PricedModel {
  readonly name: string;
  readonly price: Price;
  readonly chatCost: NanoUsd;
}

/** A model counts as expensive if a short chat with it costs at least two cents. */
const expensiveChat = oneUsd / 50n;
const longDays = 90;
const dayMilliseconds = 86_400_000;

/**
 * Says for how many short chats the total spending limit is enough: with the cheapest model, and also with the most
 * expensive one unless that number is the same or 0.
 * @returns undefined when there is no total limit, the app cannot chat, or no model has a price
 */
export function explainAmount({ tokens, limits }: GrantTerms, now: Date, catalogues: Catalogues): Message | undefined {
  if (!tokens.some((token) => token.kind === 'capability' && token.capability === 'chat')) return undefined;
  const { maxCost } = limits;
  const priced = listPricedModels(tokens, now, catalogues);
  const [cheapest, dearest] = [priced.at(0), priced.at(-1)];
  if (maxCost === undefined || cheapest === undefined || dearest === undefined) return undefined;
  const few = countShortChats(maxCost, dearest.price) ?? 0;
  const many = countShortChats(maxCost, cheapest.price) ?? 0;
  if (many === 0) return message('summary.noChat', { model: cheapest.name });
  if (few === many) return message('summary.chats', { count: many, model: cheapest.name });
  if (few === 0) return message('summary.chats', { count: many, model: cheapest.name });
  return message('summary.chatsRange', { few, dear: dearest.name, many, cheap: cheapest.name });
}

/** Lists the warnings about the terms as a whole. The form shows other warnings beside single choices. */
export function listWarnings(
  terms: GrantTerms,
  { request, now }: { readonly request: AccessRequest; readonly now: Date },
  catalogues: Catalogues,
): readonly Message[] {
  const { tokens, expiresAt } = terms;
  const { labelOf } = catalogues.models.upstreams;
  const dearest = listPricedModels(tokens.filter(isNamed), now, catalogues).at(-1);
  const isEverything = capabilities.every((capability) => tokens.some((token) => isCapability(token, capability)));
  return [
    ...tokens.flatMap((token) =>
      token.kind === 'all-models' ? [message('summary.warnAllModels', { provider: labelOf(token.upstream) })] : [],
    ),
    ...warnOfEveryModel(tokens, request),
    ...(dearest !== undefined && dearest.chatCost >= expensiveChat
      ? [message('summary.warnExpensive', { model: dearest.name, amount: dearest.chatCost })]
      : []),
    ...(isEverything ? [message('summary.warnEverything')] : []),
    ...warnOfMuch(terms, now),
    ...(expiresAt.getTime() - now.getTime() > longDays * dayMilliseconds
      ? [message('summary.warnLong', { count: longDays })]
      : []),
  ];
}

function warnOfMuch(terms: GrantTerms, now: Date): readonly Message[] {
  const { maxCost } = terms.limits;
  const mostCost = findMostCost(terms, now);
  if (mostCost === undefined || mostCost <= largeCost) return [];
  const isInAll = mostCost === maxCost;
  return [message(isInAll ? 'summary.warnMuch' : 'summary.warnMuchOverTime', { amount: largeCost })];
}

/** If the owner chooses among several models, they may not notice that all of them are ticked. */
function warnOfEveryModel(tokens: readonly ScopeToken[], { choosable }: AccessRequest): readonly Message[] {
  const named = choosable.filter(isNamed);
  const isEvery = named.length > 1 && named.every(({ text }) => tokens.some((token) => token.text === text));
  return isEvery ? [message('summary.warnEveryModel', { count: named.length })] : [];
}

function isNamed({ kind }: ScopeToken): boolean {
  return kind === 'model';
}

function isCapability(token: ScopeToken, capability: string): boolean {
  return token.kind === 'capability' && token.capability === capability;
}

/** The models of a scope that have a price for a chat, the cheapest first. */
function listPricedModels(
  tokens: readonly ScopeToken[],
  now: Date,
  { models, prices }: Catalogues,
): readonly PricedModel[] {
  const ids = tokens.flatMap((token) => {
    if (token.kind === 'model') return [{ upstream: token.upstream, id: token.modelId }];
    if (token.kind !== 'all-models') return [];
    return models.models.filter((model) => model.upstream === token.upstream && model.capabilities.includes('chat'));
  });
  return ids
    .flatMap(({ upstream, id }) => {
      const price = prices.findPrice(upstream, id, now);
      const cost = price && costOf(price, shortChat);
      if (price === undefined || cost?.ok !== true || cost.nanoUsd === 0n) return [];
      return [{ name: nameModel(id), price, chatCost: cost.nanoUsd }];
    })
    .sort((a, b) => Number(a.chatCost - b.chatCost));
}

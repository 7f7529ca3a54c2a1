import {
  type AccessRequest,
  capabilities,
  findMostCost,
  type GrantTerms,
  largeCost,
  oneUsd,
  type ScopeToken,
} from '@aipassport/policy';
import { type Message, message } from '../texts/texts.js';
import { type Catalogues, listExamples } from './list-examples.js';

/** A model counts as expensive if a short chat with it costs at least two cents. */
const expensiveChat = oneUsd / 50n;
const longDays = 90;
const dayMilliseconds = 86_400_000;

/** Lists the warnings about the terms as a whole. The form shows other warnings beside single choices. */
export function listWarnings(
  terms: GrantTerms,
  { request, now }: { readonly request: AccessRequest; readonly now: Date },
  catalogues: Catalogues,
): readonly Message[] {
  const { tokens, expiresAt } = terms;
  const { labelOf } = catalogues.models.upstreams;
  const dearest = listExamples(tokens.filter(isNamed), { capability: 'chat', now }, catalogues).at(-1);
  const isEverything = capabilities.every((capability) => tokens.some((token) => isCapability(token, capability)));
  return [
    ...tokens.flatMap((token) =>
      token.kind === 'all-models' ? [message('summary.warnAllModels', { provider: labelOf(token.upstream) })] : [],
    ),
    ...warnOfEveryModel(tokens, request),
    ...(dearest !== undefined && dearest.cost >= expensiveChat
      ? [message('summary.warnExpensive', { model: dearest.model, amount: dearest.cost })]
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

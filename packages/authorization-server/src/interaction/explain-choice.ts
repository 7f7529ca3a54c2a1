import {
  type AccessRequest,
  type Capability,
  capabilities,
  findMostCost,
  type GrantTerms,
  largeCost,
  type OwnerTime,
  oneUsd,
  type ScopeToken,
} from '@aipassport/policy';
import { type Message, message } from '../texts/texts.js';
import { type Catalogues, listExamples, otherPurposes } from './list-examples.js';

/** A model counts as expensive if a short chat or a minute of speech, for instance, costs this much. */
const expensiveUse = oneUsd / 50n;
/** A model counts as expensive if a picture costs this much. */
const expensivePicture = oneUsd / 20n;
const longDays = 90;
const dayMilliseconds = 86_400_000;

interface Circumstances {
  readonly request: AccessRequest;
  /** See `listUselessScopeTokens`. */
  readonly useless: readonly ScopeToken[];
  readonly time: OwnerTime;
}

/** Lists the warnings about the terms as a whole. The form shows other warnings beside single choices. */
export function listWarnings(
  terms: GrantTerms,
  { request, useless, time }: Circumstances,
  catalogues: Catalogues,
): readonly Message[] {
  const { tokens, expiresAt } = terms;
  const { now } = time;
  const { labelOf } = catalogues.models.upstreams;
  const usable = tokens.filter((token) => !useless.includes(token));
  const isEverything = capabilities.every((capability) => usable.some((token) => isCapability(token, capability)));
  return [
    ...tokens.flatMap((token) =>
      token.kind === 'all-models' ? [message('summary.warnAllModels', { provider: labelOf(token.upstream) })] : [],
    ),
    ...warnOfEveryModel(tokens, request),
    ...warnOfExpensive(tokens, now, catalogues),
    ...(isEverything ? [message('summary.warnEverything')] : []),
    ...warnOfMuch(terms, time),
    ...(expiresAt.getTime() - now.getTime() > longDays * dayMilliseconds
      ? [message('summary.warnLong', { count: longDays })]
      : []),
  ];
}

/** Names one expensive model: the most expensive one for the first purpose that has any. */
function warnOfExpensive(tokens: readonly ScopeToken[], now: Date, catalogues: Catalogues): readonly Message[] {
  const named = tokens.filter(({ kind }) => kind !== 'all-models');
  const findDearest = (capability: Capability) => listExamples(named, { capability, now }, catalogues).at(-1);
  const expensive = (['chat', ...otherPurposes] as const)
    .map(findDearest)
    .find((one) => one !== undefined && one.cost >= (one.use === 'picture' ? expensivePicture : expensiveUse));
  if (expensive === undefined) return [];
  const { model, use, cost: amount } = expensive;
  return [message('summary.warnExpensive', { model, use, amount })];
}

function warnOfMuch(terms: GrantTerms, time: OwnerTime): readonly Message[] {
  const { maxCost } = terms.limits;
  const mostCost = findMostCost(terms, time);
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

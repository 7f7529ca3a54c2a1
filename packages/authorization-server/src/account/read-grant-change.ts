import {
  findLimitOfMember,
  formatScope,
  hasSpendingLimit,
  isUsable,
  type LimitKind,
  type Limits,
  limitKinds,
  listChoiceProblems,
  noLimits,
  parseGrantedScope,
  type ScopeToken,
} from '@aipassport/policy';
import type { OwnerSession, updateGrantLimits } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import {
  describeChoiceProblem,
  describeInvalidChoice,
  describeMissingEnd,
  firstOfEachField,
  noLimitUnaccepted,
} from '../limits/describe-choice-problem.js';
import { acceptsNoLimit, formatLimitTexts, parseLimitTexts, readLimitTexts } from '../limits/limit-texts.js';
import { readExpiry } from '../limits/read-expiry.js';
import { readChosenEnd } from '../limits/resolve-typed.js';
import type { GrantLimitsFields } from '../pages/grant-limits-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldList, findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import type { getOwnGrant } from './grant.js';
import { incomplete } from './incomplete.js';

/** The limits that a client asked for do not restrict an owner who edits a grant. */
const noAskedLimits = { limits: noLimits, lifetimeSeconds: undefined };
const nothingLeft: Problem = { field: 'models', message: message('connected.nothingLeft') };

export type OwnGrant = Awaited<ReturnType<typeof getOwnGrant>>;

export interface LiveGrant {
  readonly owner: OwnerSession;
  readonly grant: OwnGrant;
}

type Change = Omit<Parameters<typeof updateGrantLimits>[1], 'mayRaise' | 'apiToken'>;

/** The change that the owner wants. `unchanged`: the form has the values that the grant has already. */
export type WantedChange =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

export function readGrantChange(
  { forms, now: clock }: Pick<Dependencies, 'forms' | 'now'>,
  { owner, grant }: LiveGrant,
  form: Form,
): WantedChange {
  const fields = readGrantFields(form);
  const { accountId, timeZone } = owner;
  const now = clock();
  const chosenEnd = readExpiry(fields, { lifetimeSeconds: undefined, timeZone, now });
  const expiresAt = fields.expiresIn === 'unchanged' ? grant.expiresAt : chosenEnd;
  const wanted = {
    limits: parseLimitTexts(fields.limits),
    expiresAt,
    kept: narrow(grant, fields.tickedTokens),
    now,
  };
  const problems = firstOfEachField([
    ...findInvalidFields(forms.grantLimits, form).map((field) => describeInvalidChoice(field) ?? incomplete),
    ...listGrantProblems(grant, wanted),
    ...(needsAcceptance(grant, wanted.limits) && !fields.acceptsNoLimit ? [noLimitUnaccepted] : []),
    ...(expiresAt === undefined ? [describeMissingEnd(fields)] : []),
  ]);
  if (problems.length > 0) return { kind: 'invalid', problems };
  const change = buildGrantChange(grant, wanted);
  return change === undefined ? { kind: 'unchanged' } : { kind: 'change', change: { ...change, accountId } };
}

/** Whether the change takes the last spending limit away. */
function needsAcceptance(grant: OwnGrant, wanted: Limits): boolean {
  return hasSpendingLimit(grant.limits) && !hasSpendingLimit(wanted);
}

/** A grant as the owner wants it. */
export interface WantedGrant {
  readonly limits: Limits;
  /** Undefined: no end was chosen. */
  readonly expiresAt: Date | undefined;
  /** Undefined: nothing useful would be left. */
  readonly kept: readonly ScopeToken[] | undefined;
  readonly now: Date;
}

export function listGrantProblems(grant: OwnGrant, { limits, expiresAt, kept, now }: WantedGrant): readonly Problem[] {
  return [
    ...(kept === undefined ? [nothingLeft] : []),
    ...listChoiceProblems(noAskedLimits, { limits, expiresAt: expiresAt ?? grant.expiresAt }, now).map((problem) =>
      describeChoiceProblem(problem, noAskedLimits),
    ),
  ];
}

/** @returns undefined when the grant is already as the owner wants it */
export function buildGrantChange(
  grant: OwnGrant,
  { limits, expiresAt = grant.expiresAt, kept = [] }: WantedGrant,
): Omit<Change, 'accountId'> | undefined {
  const isSameEnd = grant.expiresAt.getTime() === expiresAt.getTime();
  const isSame = isSameEnd && limitKinds.every((kind) => grant.limits[kind] === limits[kind]);
  if (isSame && kept.length === parseGrantedScope(grant.storedScope).length) return undefined;
  return { grantId: grant.id, limits, expiresAt, scope: formatScope(kept), shown: grant };
}

/**
 * The scope tokens of the grant, without those that the owner has unticked. A token that only the form contains is
 * ignored, so the form cannot add to the grant.
 * @returns undefined when nothing useful would be left
 */
export function narrow(
  { tokens, storedScope }: OwnGrant,
  ticked: readonly string[],
): readonly ScopeToken[] | undefined {
  const unticked = new Set(tokens.map(({ text }) => text).filter((text) => !ticked.includes(text)));
  const kept = parseGrantedScope(storedScope).filter(({ text }) => !unticked.has(text));
  return unticked.size === 0 || isUsable(kept) ? kept : undefined;
}

export function readGrantFields(form: Form): GrantLimitsFields {
  return {
    tickedTokens: fieldList(form, 'scope'),
    limits: readLimitTexts(form),
    acceptsNoLimit: acceptsNoLimit(form),
    ...readChosenEnd(form),
  };
}

/** The contents of the form before the owner has changed anything. */
export function describeCurrentFields({ tokens, limits }: OwnGrant): GrantLimitsFields {
  const tickedTokens = tokens.map(({ text }) => text);
  const limitTexts = formatLimitTexts(limits);
  return { tickedTokens, limits: limitTexts, acceptsNoLimit: false, expiresIn: 'unchanged', expiresOn: '' };
}

/** All that the form shows and can change. */
export function describeShownGrant({ storedScope, limits, expiresAt }: OwnGrant): unknown {
  return [storedScope, formatLimitTexts(limits), expiresAt.getTime()];
}

/** Returns the limit that the page shows alone; undefined if the page shows everything. */
export function findSingleLimit(member: string, { limits }: OwnGrant): LimitKind | undefined {
  const kind = findLimitOfMember(member);
  return kind === undefined || limits[kind] === undefined ? undefined : kind;
}

import {
  allowsToken,
  type GrantTerms,
  type LimitKind,
  type Limits,
  limitKinds,
  type ScopeToken,
} from '@aipassport/policy';
import type { ExistingAccess } from '@aipassport/store/authorization';
import type { ExistingChoice } from './consent-fields.js';

/** What changes for an app that has access already, and what stays as it is. */
export interface Difference {
  readonly added: readonly ScopeToken[];
  readonly kept: readonly ScopeToken[];
  readonly removed: readonly ScopeToken[];
  readonly limits: readonly ChangedLimit[];
  /** The new end of the access; undefined when the minute stays the same. */
  readonly expiresAt: Date | undefined;
}

/** A limit before and after a change. `before` or `after` is undefined when there is no limit of this kind then. */
export interface ChangedLimit {
  readonly kind: LimitKind;
  readonly before: number | bigint | undefined;
  readonly after: number | bigint | undefined;
}

/** Compares what an app may do now with what it may do after the owner’s decision. */
export function compareTerms(present: GrantTerms, next: GrantTerms): Difference {
  return {
    added: next.tokens.filter((token) => !allowsToken(present.tokens, token)),
    kept: next.tokens.filter((token) => allowsToken(present.tokens, token)),
    removed: present.tokens.filter((token) => !allowsToken(next.tokens, token)),
    limits: listChangedLimits(present.limits, next.limits),
    expiresAt: toMinutes(present.expiresAt) === toMinutes(next.expiresAt) ? undefined : next.expiresAt,
  };
}

/**
 * Compares the access that an app has by its live grants with a new grant, which replaces them or is added to them. The
 * limits are compared only with those of a single grant that is replaced, because each grant has its own.
 */
export function compareAccess(
  { grants }: Pick<ExistingAccess, 'grants'>,
  next: GrantTerms,
  choice: ExistingChoice | undefined,
): Difference {
  const tokens = new Map(grants.flatMap((grant) => grant.tokens.map((token) => [token.text, token])));
  const [newest, ...others] = grants;
  const last = new Date(Math.max(...grants.map(({ expiresAt }) => expiresAt.getTime())));
  const present = { tokens: [...tokens.values()], limits: newest.limits, expiresAt: last };
  const difference = compareTerms(present, next);
  if (choice !== 'add') return others.length === 0 ? difference : { ...difference, limits: [] };
  const expiresAt = next.expiresAt > last ? difference.expiresAt : undefined;
  return { ...difference, kept: present.tokens, removed: [], limits: [], expiresAt };
}

export function listChangedLimits(present: Limits, next: Limits): readonly ChangedLimit[] {
  return limitKinds.flatMap((kind) => {
    const [before, after] = [present[kind], next[kind]];
    return before === after ? [] : [{ kind, before, after }];
  });
}

function toMinutes(at: Date): number {
  return Math.floor(at.getTime() / 60_000);
}

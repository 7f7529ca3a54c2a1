import { isUsdKind, limitKinds } from '../limits/limit-table.js';
import type { Limits } from '../limits/limits.js';
import type { ScopeToken } from '../scope/scope-token.js';

/**
 * Why a new grant requires a recent sign-in. Without a recent sign-in, a stranger at an unattended browser could allow
 * a client to spend any amount, or to use all models.
 */
export type StepUpReason = 'no_money_limit' | 'all_models';

/** @returns undefined when no recent sign-in is required, because the grant's own limits bound what it can spend */
export function findStepUpReason(granted: {
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
}): StepUpReason | undefined {
  if (!limitKinds.some((kind) => isUsdKind(kind) && granted.limits[kind] !== undefined)) return 'no_money_limit';
  return granted.tokens.some(({ kind }) => kind === 'all-models') ? 'all_models' : undefined;
}

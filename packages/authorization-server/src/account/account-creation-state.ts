import { isInvitationOpen } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { findSecret } from './secret-cookies.js';

/** Whether this browser may make an account. */
export type CreationState =
  | { readonly kind: 'open' }
  /** SECRET: the code. */
  | { readonly kind: 'invited'; readonly code: string }
  /** An invitation is needed, and this browser has none. */
  | { readonly kind: 'uninvited' }
  /** This browser's invitation was used, was withdrawn or has expired. */
  | { readonly kind: 'invitation_over' }
  | { readonly kind: 'off' };

export async function findCreationState(
  { db, configuration }: Pick<Dependencies, 'db' | 'configuration'>,
  ctx: Context,
): Promise<CreationState> {
  const { accountCreation } = configuration;
  if (accountCreation !== 'invite') return { kind: accountCreation };
  const code = findSecret({ configuration }, ctx, 'invitation');
  if (code === undefined) return { kind: 'uninvited' };
  return (await isInvitationOpen(db, code)) ? { kind: 'invited', code } : { kind: 'invitation_over' };
}

import { randomBytes } from 'node:crypto';
import type { Database } from '@aipassport/store';
import {
  deleteOwnerSession,
  findOwnerSession,
  insertOwnerSession,
  type OwnerSession,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { cookieNames } from '../cookie-names.js';
import type { Foundation } from '../foundation.js';

/** A session that nobody uses ends after a working day; one that is used, after a week. */
const idleSeconds = 8 * 3_600;
const lifetimeSeconds = 7 * 24 * 3_600;

type Deps = Pick<Foundation, 'db' | 'configuration'>;

/** Who is signed in at this browser: the one authority for that, for our pages and for oidc-provider. */
export async function findOwner({ db, configuration }: Deps, ctx: Context): Promise<OwnerSession | undefined> {
  const sessionId = ctx.cookies.get(cookieNames(configuration).owner);
  return sessionId === undefined ? undefined : findOwnerSession(db, sessionId, { idleSeconds });
}

/**
 * Signs an account in, always under a new identifier: one that was planted in the browser before is worth nothing
 * (session fixation). The session that was there ends.
 */
export async function startOwnerSession(
  { db, configuration }: { readonly db: Database } & Pick<Deps, 'configuration'>,
  ctx: Context,
  accountId: string,
): Promise<void> {
  const { owner } = cookieNames(configuration);
  const previous = ctx.cookies.get(owner);
  if (previous !== undefined) await deleteOwnerSession(db, previous);
  const sessionId = randomBytes(32).toString('base64url');
  await insertOwnerSession(db, { sessionId, accountId, lifetimeSeconds });
  ctx.cookies.set(owner, sessionId, { httpOnly: true, sameSite: 'lax', path: '/', signed: false, overwrite: true });
}

export async function endOwnerSession({ db, configuration }: Deps, ctx: Context): Promise<void> {
  const { owner } = cookieNames(configuration);
  const sessionId = ctx.cookies.get(owner);
  if (sessionId === undefined) return;
  await deleteOwnerSession(db, sessionId);
  ctx.cookies.set(owner, null, { httpOnly: true, sameSite: 'lax', path: '/', signed: false });
}

import { type Database, makeSecret } from '@aipassport/store';
import {
  deleteOwnerSession,
  findOwnerSession,
  insertOwnerSession,
  type OwnerSession,
} from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { cookieAttributes, cookieNames } from '../cookie-names.js';
import type { Foundation } from '../foundation.js';
import { useLanguageOf } from '../texts/choose-texts.js';
import { describeDevice } from './describe-device.js';
import { keepReplacedSession } from './replaced-session.js';

/** A session ends after eight hours without use, and after a week even if it is used. */
export const idleSeconds = 8 * 3_600;
const lifetimeSeconds = 7 * 24 * 3_600;

type Deps = Pick<Foundation, 'db' | 'configuration'>;

/**
 * Finds the owner whose session this browser has. If there is one, the texts of the answer are in the language of the
 * owner's settings. Our pages and oidc-provider learn only from this function who is signed in.
 */
export async function findOwner({ db, configuration }: Deps, ctx: Context): Promise<OwnerSession | undefined> {
  const sessionId = readSessionId(configuration, ctx);
  const owner = sessionId === undefined ? undefined : await findOwnerSession(db, sessionId, { idleSeconds });
  if (owner !== undefined) {
    useLanguageOf(ctx, owner);
    ctx.state.accountId = owner.accountId;
  }
  return owner;
}

/**
 * @returns SECRET: the identifier of the session that this request has started. If it has started none: the identifier
 * in the browser's cookie; that session may have ended
 */
export function readSessionId(configuration: Pick<Configuration, 'issuer'>, ctx: Context): string | undefined {
  return ctx.state.startedSessionId ?? ctx.cookies.get(cookieNames(configuration).owner);
}

interface SessionStart extends Pick<Deps, 'configuration'> {
  readonly db: Database;
  /** How many seconds ago the owner proved their identity. Default: 0. */
  readonly authenticatedSecondsAgo?: number;
  readonly isByPasskey?: boolean;
}

/**
 * Signs an account in. The session always gets a new identifier, so an identifier that an attacker has set in the
 * browser is useless (session fixation). The browser's previous session ends.
 */
export async function startOwnerSession(
  { db, configuration, authenticatedSecondsAgo = 0, isByPasskey = false }: SessionStart,
  ctx: Context,
  accountId: string,
): Promise<void> {
  const previous = readSessionId(configuration, ctx);
  const previousAccountId = previous === undefined ? undefined : await deleteOwnerSession(db, previous);
  const sessionId = makeSecret();
  await insertOwnerSession(db, {
    sessionId,
    accountId,
    lifetimeSeconds,
    device: describeDevice(ctx.get('User-Agent')),
    authenticatedSecondsAgo,
    isByPasskey,
  });
  // Do not accept forms that were shown to another account.
  if (previous === undefined || previousAccountId === accountId)
    keepReplacedSession(configuration, ctx, { previous: previous ?? '', current: sessionId });
  ctx.state.startedSessionId = sessionId;
  ctx.cookies.set(cookieNames(configuration).owner, sessionId, cookieAttributes);
}

export async function endOwnerSession({ db, configuration }: Deps, ctx: Context): Promise<void> {
  const { owner } = cookieNames(configuration);
  const sessionId = ctx.cookies.get(owner);
  if (sessionId === undefined) return;
  await deleteOwnerSession(db, sessionId);
  ctx.cookies.set(owner, null, cookieAttributes);
}

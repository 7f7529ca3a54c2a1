import { endOtherSessions, listOwnerSessions, type OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderSessionsPage } from '../pages/sessions-page.js';
import { takePage } from './list-page.js';
import { type Notices, takeFixedNotice } from './notices.js';
import { idleSeconds, readSessionId } from './owner-session.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';

const purpose = 'sessions';

const notices: Notices = {
  one: 'sessions.endedOne',
  others: 'sessions.endedOthers',
  none: 'sessions.endedNone',
};

/** `GET /account/sessions` */
export async function showSessions(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.sessions);
  if (owner === undefined) return;
  ctx.type = 'html';
  ctx.body = renderSessionsPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: owner.timeZone,
    now: deps.now(),
    sessions: takePage(ctx, await listOwnerSessions(deps.db, readAsking(deps, ctx, owner), { idleSeconds })),
    notice: takeFixedNotice(deps, ctx, notices),
  });
}

/** `POST /account/sessions/end-others` */
export async function submitEndOtherSessions(deps: Dependencies, ctx: Context): Promise<void> {
  await endSessions(deps, ctx);
}

/** `POST /account/sessions/:session_id/end` */
export async function submitEndSession(deps: Dependencies, ctx: Context, publicId: string): Promise<void> {
  await endSessions(deps, ctx, publicId);
}

/** Requires no recent sign-in, because a stranger at an unattended browser gains nothing by ending sessions. */
async function endSessions(deps: Dependencies, ctx: Context, only?: string): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.sessions, purpose });
  if (sent === undefined) return;
  const { owner } = sent;
  const asking = readAsking(deps, ctx, owner);
  const ended = await endOtherSessions(deps.db, only === undefined ? asking : { ...asking, only });
  const done = ended === 0 ? 'none' : only === undefined ? 'others' : 'one';
  redirectWithNotice(deps, ctx, { path: paths.sessions, done });
}

function readAsking({ configuration }: Dependencies, ctx: Context, { accountId }: OwnerSession) {
  return { accountId, sessionId: readSessionId(configuration, ctx) ?? '' };
}

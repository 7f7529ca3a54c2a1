import { findAccountLimit, listLiveGrants, listOpenRequests, listPastClients } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { renderAppsPage } from '../pages/apps-page.js';
import { takeAccessNotice } from './access-notice.js';
import { takePage } from './list-page.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { queryText } from './sign-in.js';
import { summarizeApps } from './summarize-app.js';

/** `GET /account/apps`: one entry for each app. */
export async function showApps(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.apps);
  if (owner === undefined) return;
  const { accountId, timeZone } = owner;
  const open = await listOpenRequests(deps.db, accountId);
  const now = deps.now();
  const apps = summarizeApps(await listLiveGrants(deps.db, accountId), { open, timeZone, now });
  const shown = takePage(ctx, apps);
  ctx.type = 'html';
  ctx.body = renderAppsPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'apps'),
    timeZone,
    now,
    upstreams: deps.configuration.models.upstreams,
    apps: shown,
    accountLimit: await findAccountLimit(deps.db, accountId),
    logos: await deps.logos.find(
      shown.entries.map(({ clientId }) => clientId),
      accountId,
    ),
    past: takePage(ctx, await listPastClients(deps.db, accountId), 'past'),
    isPastAsked: queryText(ctx, 'past') !== '',
    notice: takeAccessNotice(deps, ctx),
  });
}

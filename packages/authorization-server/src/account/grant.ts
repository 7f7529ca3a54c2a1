import {
  findAccountLimit,
  findClient,
  findGrant,
  identifyClient,
  type ListedGrant,
  listGrantsOfClient,
  listOpenRequests,
  listUsage,
  type OwnerSession,
  parseUsagePosition,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { listKeyStates, selectSimulated } from '../interaction/list-key-states.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderGrantPage } from '../pages/grant-page.js';
import { listGrantsBelow } from '../pages/grants-below.js';
import { deriveAppId } from './app-id.js';
import { type AppLink, findAppLink } from './find-app-link.js';
import { entriesPerPage, takePage } from './list-page.js';
import { type Notices, takeFixedNotice } from './notices.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { queryText } from './sign-in.js';

/** The purpose of the form that revokes a grant. Two pages have this form. */
export const revokePurpose = 'revoke-grant';

const notices = {
  limits: 'apps.limitsSaved',
  'overall-limit': 'settings.limitSaved',
  nothing: 'apps.limitsUnchanged',
} as const satisfies Notices;

/**
 * `GET /account/grants/:grant_id`: one grant of the owner, with its latest requests. The page of a grant's limits leads
 * here after a change.
 */
export async function showGrant(deps: Dependencies, ctx: Context, grantId: string): Promise<void> {
  const owner = await requireOwner(deps, ctx, formatPath(paths.grant, grantId));
  if (owner === undefined) return;
  const grant = await getOwnGrant(deps, owner, grantId);
  const notice = takeFixedNotice(deps, ctx, notices);
  const logos = await deps.logos.find([grant.clientId], owner.accountId);
  const keyStates = await listKeyStates(deps, owner);
  const after = parseUsagePosition(queryText(ctx, 'after'));
  const { accountId } = owner;
  const { entries, next } = await listUsage(deps.db, { accountId, of: { grantId }, limit: entriesPerPage, after });
  ctx.type = 'html';
  ctx.body = renderGrantPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'apps'),
    csrfToken: issueFormToken(deps, ctx, revokePurpose),
    timeZone: owner.timeZone,
    now: deps.now(),
    upstreams: deps.configuration.models.upstreams,
    keyStates,
    simulated: selectSimulated(keyStates),
    grant,
    logo: logos.get(grant.clientId),
    appPath: formatPath(paths.app, deriveAppId(grant.clientId)),
    grantsBelow: takePage(ctx, listGrantsBelow(grant, (await listGrantsOfClient(deps.db, grant)).delegated)),
    open: await listOpenRequests(deps.db, accountId),
    accountLimit: await findAccountLimit(deps.db, accountId),
    entries,
    olderPath: next && `${formatPath(paths.grant, grantId)}?${new URLSearchParams({ after: next })}`,
    isFirstPage: after === undefined,
    notice,
    isChanged: notice !== undefined && notice !== notices.nothing,
    appLink: grant.appLink,
  });
}

/** @throws Denied, with the same reason for another owner's grant and for a grant that does not exist */
export async function getOwnGrant(
  { db, configuration }: Pick<Dependencies, 'db' | 'configuration'>,
  { accountId }: Pick<OwnerSession, 'accountId'>,
  grantId: string,
): Promise<ListedGrant & { readonly appLink: AppLink | undefined }> {
  const grant = await findGrant(db, grantId);
  const client = grant?.accountId === accountId ? await findClient(db, grant.clientId) : undefined;
  if (grant === undefined || client === undefined) throw notYours();
  return { ...grant, ...identifyClient(client), appLink: findAppLink(client, configuration.issuer) };
}

function notYours(): Denied {
  return new Denied({ reason: 'grant_unknown' });
}

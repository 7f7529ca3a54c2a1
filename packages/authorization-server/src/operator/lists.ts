import { listAccountSummaries, listClientSummaries } from '@aipassport/store/authorization';
import { entriesPerPage } from '../account/list-page.js';
import { type Notices, takeFixedNotice } from '../account/notices.js';
import { describeSignedIn } from '../account/require-owner.js';
import { queryText } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { renderOperatorAccountsPage } from '../pages/operator-accounts-page.js';
import { renderOperatorClientsPage } from '../pages/operator-clients-page.js';
import { requireOperator } from './require-operator.js';

/** What the page says after a change. */
export const notices: Notices = {
  changed: 'operator.changed',
  unchanged: 'operator.unchanged',
};

/** `GET /operator/accounts` */
export async function showOperatorAccounts(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx);
  if (operator === undefined) return;
  const { search, after, notice } = readQuery(deps, ctx);
  const rows = await listAccountSummaries(deps.db, { search, after, limit: entriesPerPage + 1 });
  ctx.type = 'html';
  ctx.body = renderOperatorAccountsPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    timeZone: operator.timeZone,
    now: deps.now(),
    search,
    isFirstPage: after === '',
    notice,
    accounts: rows.slice(0, entriesPerPage),
    next: rows.length > entriesPerPage ? rows[entriesPerPage - 1]?.email : undefined,
  });
}

/** `GET /operator/clients` */
export async function showOperatorClients(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx);
  if (operator === undefined) return;
  const { search, after, notice } = readQuery(deps, ctx);
  const rows = await listClientSummaries(deps.db, { search, after, limit: entriesPerPage + 1 });
  ctx.type = 'html';
  ctx.body = renderOperatorClientsPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    timeZone: operator.timeZone,
    now: deps.now(),
    search,
    isFirstPage: after === '',
    notice,
    clients: rows.slice(0, entriesPerPage).filter(({ id }) => id !== deps.configuration.proxyClientId),
    next: rows.length > entriesPerPage ? rows[entriesPerPage - 1]?.id : undefined,
  });
}

function readQuery(deps: Dependencies, ctx: Context) {
  return {
    search: queryText(ctx, 'search').slice(0, 300),
    after: queryText(ctx, 'after').slice(0, 2_000),
    notice: takeFixedNotice(deps, ctx, notices),
  };
}

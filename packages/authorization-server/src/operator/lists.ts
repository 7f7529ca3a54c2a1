import { listAccountSummaries, listClientSummaries, type OwnerSession } from '@aipassport/store/authorization';
import { entriesPerPage } from '../account/list-page.js';
import { type Notices, takeFixedNotice } from '../account/notices.js';
import { describeSignedIn } from '../account/require-owner.js';
import { queryText } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { renderOperatorAccountsPage } from '../pages/operator-accounts-page.js';
import { renderOperatorClientsPage } from '../pages/operator-clients-page.js';
import { recordRead } from './record-read.js';
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
  const { query, shared } = prepareList(deps, ctx, operator);
  const rows = await listAccountSummaries(deps.db, query);
  await recordRead(deps.db, { read: 'accounts', by: operator.accountId });
  ctx.body = renderOperatorAccountsPage({
    ...shared,
    accounts: rows.slice(0, entriesPerPage),
    next: rows.length > entriesPerPage ? rows[entriesPerPage - 1]?.email : undefined,
  });
}

/** `GET /operator/clients` */
export async function showOperatorClients(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx);
  if (operator === undefined) return;
  const { query, shared } = prepareList(deps, ctx, operator);
  const rows = await listClientSummaries(deps.db, query);
  await recordRead(deps.db, { read: 'clients', by: operator.accountId });
  ctx.body = renderOperatorClientsPage({
    ...shared,
    clients: rows.slice(0, entriesPerPage).filter(({ id }) => id !== deps.configuration.proxyClientId),
    next: rows.length > entriesPerPage ? rows[entriesPerPage - 1]?.id : undefined,
  });
}

/** What both lists read from the request, and what both pages show. */
function prepareList(deps: Dependencies, ctx: Context, operator: OwnerSession) {
  const search = queryText(ctx, 'search').slice(0, 300);
  const after = queryText(ctx, 'after').slice(0, 2_000);
  ctx.type = 'html';
  return {
    // One row more than the page shows, so that it is known whether there is a next page.
    query: { search, after, limit: entriesPerPage + 1 },
    shared: {
      stylesheet: deps.stylesheet,
      texts: ctx.state.texts,
      signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
      timeZone: operator.timeZone,
      now: deps.now(),
      search,
      isFirstPage: after === '',
      notice: takeFixedNotice(deps, ctx, notices),
    },
  };
}

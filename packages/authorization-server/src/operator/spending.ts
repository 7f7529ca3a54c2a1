import { dayOf, firstOfMonth, monthBefore, parseMonth } from '@aipassport/policy';
import { summarizeInstance } from '@aipassport/store/authorization';
import { describeSignedIn } from '../account/require-owner.js';
import { queryText } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { renderOperatorSpendingPage } from '../pages/operator-spending-page.js';
import { recordRead } from './record-read.js';
import { requireOperator } from './require-operator.js';

/** `GET /operator/spending`: shows what all accounts spent in a month. */
export async function showOperatorSpending(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx);
  if (operator === undefined) return;
  await recordRead(deps.db, { read: 'usage', by: operator.accountId });
  const thisMonth = dayOf(deps.now(), operator.timeZone).slice(0, 7);
  const asked = parseMonth(queryText(ctx, 'month')) ?? thisMonth;
  const month = asked < thisMonth ? asked : thisMonth;
  ctx.type = 'html';
  ctx.body = renderOperatorSpendingPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    month,
    earlier: monthBefore(month),
    later: month < thisMonth ? monthBefore(month, -1) : undefined,
    usage: await summarizeInstance(deps.db, firstOfMonth(month)),
    upstreams: deps.configuration.models.upstreams,
  });
}

import { dayOf, firstOfMonth } from '@aipassport/policy';
import { summarizeInstance } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import type { ApiCall, Specified } from './api-call.js';
import { describeSum, orNull, readMonth } from './values.js';

/** `GET /api/operator/spending`: what all accounts spent in one month, as on the operator's page. */
export async function getSpending(
  { db, now }: Dependencies,
  { ctx, caller }: Pick<ApiCall, 'ctx'> & { readonly caller: Pick<ApiCall['caller'], 'timeZone'> },
): Promise<Specified['SpendingOfMonth']> {
  const month = readMonth(ctx, dayOf(now(), caller.timeZone));
  const usage = await summarizeInstance(db, firstOfMonth(month));
  const { operator, owner, simulated, unknown } = usage.withKeysOf;
  return {
    month,
    is_complete: usage.isComplete,
    with_keys_of: {
      operator: describeSum(operator),
      owner: describeSum(owner),
      simulated: describeSum(simulated),
      unknown: describeSum(unknown),
    },
    providers: usage.byProvider.map(({ upstream, keyOwner, ...sum }) => ({
      upstream,
      key_owner: keyOwner,
      ...describeSum(sum),
    })),
    models: usage.byModel.map(({ upstream, model, ...sum }) => ({ upstream, model, ...describeSum(sum) })),
    clients: usage.byClient.map(({ clientId, client, ...sum }) => ({
      client_id: clientId,
      name: client?.clientName ?? clientId,
      ...describeSum(sum),
    })),
    accounts: usage.byAccount.map(({ accountId, email, ...sum }) => ({
      account_id: accountId,
      email: orNull(email),
      ...describeSum(sum),
    })),
    days: usage.byDay.map(({ day, ...sum }) => ({ day, ...describeSum(sum) })),
    omitted: { ...usage.omitted },
  };
}

import { dayOf, firstOfMonth } from '@aipassport/policy';
import {
  findAccountLimit,
  findAccountOperatorCap,
  findAccountStanding,
  listLiveGrants,
  readOperatorCaps,
  readOperatorSpending,
  summarizeUsage,
} from '@aipassport/store/authorization';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { lowestCap } from '../limits/lowest-cap.js';
import { describeOverallLimit } from './account.js';
import type { ApiCall, Specified } from './api-call.js';
import { describeOrigin } from './describe-origin.js';
import { describeShared } from './shared-keys.js';
import { describeSum, timeOrNull } from './values.js';

/** `GET /api/operator/accounts/:account_id`: what the operator's page of the account shows. */
export async function getOneAccount(
  { db, configuration, now }: Dependencies,
  { value: accountId }: Pick<ApiCall, 'value'>,
): Promise<Specified['InstanceAccountDetails']> {
  const account = await findAccountStanding(db, accountId);
  if (account === undefined) throw new Denied({ reason: 'api_object_unknown' });
  const month = dayOf(now(), account.timeZone).slice(0, 7);
  const usage = await summarizeUsage(db, { accountId, month: firstOfMonth(month) });
  const grants = await listLiveGrants(db, accountId);
  const cap = (await findAccountOperatorCap(db, accountId)) ?? (await readOperatorCaps(db)).ofAccount;
  return {
    account_id: account.id,
    email: account.email,
    time_zone: account.timeZone,
    created_at: account.createdAt.toISOString(),
    disabled_at: timeOrNull(account.disabledAt),
    is_operator: account.isOperator,
    can_invite: account.mayInvite,
    has_authenticator_app: account.hasAuthenticatorApp,
    provider_keys: [...account.ownKeys],
    limit: describeOverallLimit(await findAccountLimit(db, accountId)),
    connected_apps: [...new Map(grants.map((grant) => [grant.clientId, grant])).values()].map((grant) => ({
      client_id: grant.clientId,
      name: grant.clientName,
      ...describeOrigin(grant),
    })),
    month,
    usage: describeSum(usage.total),
    simulated: describeSum(usage.simulated),
    apps: usage.byClient.map(({ clientId, client, ...sum }) => ({
      client_id: clientId,
      name: client?.clientName ?? clientId,
      ...describeSum(sum),
    })),
    models: usage.byModel.map(({ upstream, model, ...sum }) => ({ upstream, model, ...describeSum(sum) })),
    days: usage.byDay.map(({ day, ...sum }) => ({ day, ...describeSum(sum) })),
    shared_keys: describeShared(
      await readOperatorSpending(db, accountId),
      lowestCap(cap, configuration.operatorCaps.ofAccount),
    ),
  };
}

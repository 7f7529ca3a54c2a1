import { dayOf, firstOfMonth } from '@aipassport/policy';
import {
  deleteProviderKey,
  findListedKey,
  listProviderKeys,
  listSpareKeys,
  lockAccount,
  nameProviderKey,
  type ProviderKeySummary,
  summarizeOwnKeys,
} from '@aipassport/store/authorization';
import { testStoredKey } from '../account/test-key.js';
import type { Dependencies } from '../dependencies.js';
import { listKeyStates } from '../interaction/list-key-states.js';
import type { ApiCall, Specified } from './api-call.js';
import { readJson } from './bodies.js';
import { unknownObject } from './refusals.js';
import { describeSum, orNull, timeOrNull } from './values.js';

/** `GET /api/account/provider-keys`. Provider keys are sealed, so this server cannot read them. */
export async function getProviderKeys(deps: Dependencies, { caller }: ApiCall): Promise<Specified['ProviderKeyList']> {
  const { accountId, timeZone } = caller;
  return {
    provider_keys: (await listProviderKeys(deps.db, accountId)).map(describeKey),
    spare_keys: (await listSpareKeys(deps.db, accountId)).map(describeSpareKey),
    providers: await listProviders(deps, { accountId, timeZone }),
  };
}

/** For each AI provider: the provider key in use, and this month's cost of requests with the owner's own keys. */
async function listProviders(
  deps: Dependencies,
  { accountId, timeZone }: Pick<ApiCall['caller'], 'accountId' | 'timeZone'>,
): Promise<Specified['ProviderInUse'][]> {
  const month = firstOfMonth(dayOf(deps.now(), timeZone));
  const usage = await summarizeOwnKeys(deps.db, { accountId, month });
  const states = await listKeyStates(deps, { accountId });
  return states.map((state) => ({
    upstream: state.upstream,
    key: state.kind,
    usable_from: state.kind === 'server_used_up' ? state.until.toISOString() : null,
    own_key_month: describeSum(usage.get(state.upstream) ?? { cost: 0n, requests: 0 }),
  }));
}

export function describeSpareKey(key: ProviderKeySummary): Specified['SpareProviderKey'] {
  return { key_id: key.id, ...describeKey(key) };
}

export function describeKey(key: ProviderKeySummary): Specified['StoredProviderKey'] {
  const { upstream, host, lastFour, createdAt, lastUsedAt, refused, name, test } = key;
  return {
    upstream,
    host,
    name: orNull(name),
    last_four: lastFour,
    created_at: createdAt.toISOString(),
    last_used_at: timeOrNull(lastUsedAt),
    refused: refused === undefined ? null : { at: refused.at.toISOString(), reason: refused.reason },
    tested: test === undefined ? null : { at: test.at.toISOString(), result: orNull(test.verdict) },
  };
}

/** `PATCH /api/account/provider-keys/:upstream` */
export async function renameProviderKey(deps: Dependencies, call: ApiCall): Promise<Specified['StoredProviderKey']> {
  const { name } = await readJson(deps, call.ctx, 'ProviderKeyChange');
  await deps.db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, call.caller.accountId);
    await nameProviderKey(transaction, placeOf(call), name?.trim() ?? '');
  });
  return getKey(deps, call);
}

/** `POST /api/account/provider-keys/:upstream/test` */
export async function testProviderKey(deps: Dependencies, call: ApiCall): Promise<Specified['StoredProviderKey']> {
  await testStoredKey(deps, placeOf(call));
  return getKey(deps, call);
}

/** `DELETE /api/account/provider-keys/:upstream` */
export async function removeProviderKey({ db }: Dependencies, call: ApiCall): Promise<undefined> {
  await db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, call.caller.accountId);
    const deletion = { ...placeOf(call), apiToken: call.caller.tokenId };
    if (!(await deleteProviderKey(transaction, deletion))) throw unknownObject();
  });
}

function placeOf({ caller, value: upstream }: ApiCall) {
  return { accountId: caller.accountId, upstream };
}

/** @throws Denied when the account has no provider key for this AI provider */
async function getKey({ db }: Dependencies, call: ApiCall): Promise<Specified['StoredProviderKey']> {
  const key = await findListedKey(db, placeOf(call));
  if (key === undefined) throw unknownObject();
  return describeKey(key);
}

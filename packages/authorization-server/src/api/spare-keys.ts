import {
  deleteSpareKey,
  findListedKey,
  findSpareKey,
  lockAccount,
  nameSpareKey,
  promoteSpareKey,
} from '@aipassport/store/authorization';
import { testStoredSpareKey } from '../account/test-key.js';
import type { Dependencies } from '../dependencies.js';
import type { ApiCall, Specified } from './api-call.js';
import { readJson } from './bodies.js';
import { describeKey, describeSpareKey } from './provider-keys.js';
import { unknownObject } from './refusals.js';

/** `PATCH /api/account/spare-keys/:key_id` */
export async function renameSpareKey(deps: Dependencies, call: ApiCall): Promise<Specified['SpareProviderKey']> {
  const { name } = await readJson(deps, call.ctx, 'ProviderKeyChange');
  await deps.db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, call.caller.accountId);
    await nameSpareKey(transaction, keyOf(call), name?.trim() ?? '');
  });
  return getSpareKey(deps, call);
}

/** `POST /api/account/spare-keys/:key_id/test` */
export async function testSpareKey(deps: Dependencies, call: ApiCall): Promise<Specified['SpareProviderKey']> {
  await testStoredSpareKey(deps, keyOf(call));
  return getSpareKey(deps, call);
}

/** `POST /api/account/spare-keys/:key_id/first`: answers with the provider key in its new place. */
export async function putSpareKeyFirst({ db }: Dependencies, call: ApiCall): Promise<Specified['StoredProviderKey']> {
  const { accountId, tokenId: apiToken } = call.caller;
  const first = await db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, accountId);
    const spare = await findSpareKey(transaction, keyOf(call));
    if (spare === undefined || !(await promoteSpareKey(transaction, { ...keyOf(call), apiToken })))
      throw unknownObject();
    return findListedKey(transaction, { accountId, upstream: spare.upstream });
  });
  if (first === undefined) throw new Error('the provider key that was put first is not listed');
  return describeKey(first);
}

/** `DELETE /api/account/spare-keys/:key_id` */
export async function removeSpareKey({ db }: Dependencies, call: ApiCall): Promise<undefined> {
  await db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, call.caller.accountId);
    if (!(await deleteSpareKey(transaction, { ...keyOf(call), apiToken: call.caller.tokenId }))) throw unknownObject();
  });
}

function keyOf({ caller, value: id }: ApiCall) {
  return { accountId: caller.accountId, id };
}

/** @throws Denied when the account has no such spare key */
async function getSpareKey({ db }: Dependencies, call: ApiCall): Promise<Specified['SpareProviderKey']> {
  const key = await findSpareKey(db, keyOf(call));
  if (key === undefined) throw unknownObject();
  return describeSpareKey(key);
}

import { setTimeout as sleep } from 'node:timers/promises';
import {
  findListedKey,
  findSpareKey,
  type ProviderKeySummary,
  requestKeyTest,
  requestSpareKeyTest,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { requireFew } from './guessing-limits.js';
import { goToKeys, requireOwnKeyForm } from './own-key.js';

/** Tests of one account are limited, because each test is a request to an AI provider. */
const perAccount = { limit: 20, windowSeconds: 10 * 60 };
/** A proxy looks for tests once a second, and waits five seconds for the AI provider. */
const waitMilliseconds = 7_000;
const pauseMilliseconds = 250;

/** `POST /account/keys/:upstream/test`. If the result comes late, the owner sees it after reloading the page. */
export async function submitKeyTest(deps: Dependencies, ctx: Context, upstream: string): Promise<void> {
  const sent = await requireOwnKeyForm(deps, ctx, upstream);
  if (sent === undefined) return;
  const isStored = await testStoredKey(deps, { accountId: sent.owner.accountId, upstream });
  goToKeys(deps, ctx, sent, isStored ? undefined : 'absent');
}

interface StoredKey {
  readonly accountId: string;
  readonly upstream: string;
}

/**
 * Tests a stored provider key. Only the resource proxies can open it, so one of them asks the AI provider. Waits some
 * seconds for the result, which `listProviderKeys` returns.
 * @returns false when the account has no such provider key
 * @throws Denied 429 when the account has asked for too many tests
 */
export async function testStoredKey({ db }: Dependencies, { accountId, upstream }: StoredKey): Promise<boolean> {
  await requireFew(db, { key: `key-test:${accountId}`, ...perAccount });
  if (!(await requestKeyTest(db, { accountId, upstream }))) return false;
  await waitForVerdict(() => findListedKey(db, { accountId, upstream }));
  return true;
}

/** `testStoredKey`, for a spare provider key. */
export async function testStoredSpareKey(
  { db }: Dependencies,
  key: { readonly accountId: string; readonly id: string },
): Promise<boolean> {
  await requireFew(db, { key: `key-test:${key.accountId}`, ...perAccount });
  if (!(await requestSpareKeyTest(db, key))) return false;
  await waitForVerdict(() => findSpareKey(db, key));
  return true;
}

async function waitForVerdict(find: () => Promise<ProviderKeySummary | undefined>): Promise<void> {
  for (const end = performance.now() + waitMilliseconds; performance.now() < end; await sleep(pauseMilliseconds)) {
    if ((await find())?.test?.verdict !== undefined) return;
  }
}

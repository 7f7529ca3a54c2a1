import { randomUUID } from 'node:crypto';
import { type Limits, parseGrantedScope } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import { insertAccount, insertGrant, upsertClient, upsertProviderKey } from '@aipassport/store/authorization';
import { CompactEncrypt, importJWK } from 'jose';
import type { TokenSubject } from '../issuer/main.js';
import { type Authority, readSealingKey } from '../rig/open-authority.js';
import { providerKey } from '../rig/open-rig.js';
import { model } from '../upstream/answers.js';

export interface Seed {
  readonly db: Database;
  readonly authority: Pick<Authority, 'keyFiles'>;
  readonly upstreamPort: number;
  readonly count: number;
}

export const clientId = 'benchmark';
export const scope = `model:${model} cap:chat`;
/** Every kind of limit is set and checked, and none is reached. */
export const limits: Limits = {
  maxRequests: 1_000_000_000,
  // These limits are higher than an owner can choose, so that one grant that gets all requests does not reach them.
  maxRequestsPerMinute: 1_000_000,
  maxTokensPerMinute: 1_000_000_000,
  maxStreams: 1_000,
  maxCost: 1_000_000_000_000_000n,
  maxCostPerDay: 1_000_000_000_000_000n,
  maxCostPerMonth: 1_000_000_000_000_000n,
};
const lifetimeMilliseconds = 86_400_000;
const atOnce = 4;

/** Makes accounts, each with a provider key of its own and one grant, as the authorization server would. */
export async function seedGrants(seed: Seed): Promise<readonly TokenSubject[]> {
  await upsertBenchmarkClient(seed.db);
  const subjects: TokenSubject[] = [];
  while (subjects.length < seed.count) {
    const some = Math.min(atOnce, seed.count - subjects.length);
    subjects.push(...(await Promise.all(Array.from({ length: some }, () => seedGrant(seed)))));
  }
  return subjects;
}

export function upsertBenchmarkClient(db: Database): Promise<void> {
  return upsertClient(db, {
    id: clientId,
    name: 'Benchmark',
    metadata: {},
    secretHash: undefined,
    webOrigins: [],
    registeredBy: 'operator',
  });
}

async function seedGrant(seed: Seed): Promise<TokenSubject> {
  const { db } = seed;
  const account = await insertAccount(db, { email: `${randomUUID()}@example.org`, passwordHash: '' });
  if (account === undefined) throw new Error('the account already exists');
  const grantId = randomUUID();
  const expiresAt = new Date(Date.now() + lifetimeMilliseconds);
  const tokens = parseGrantedScope(scope);
  await insertGrant(db, { id: grantId, accountId: account.id, clientId, tokens, limits, reason: undefined, expiresAt });
  await storeProviderKey(seed, account.id);
  return { grantId, accountId: account.id, clientId, scope };
}

/** Stores an account's own provider key for the upstream, sealed to the proxy. */
export async function storeProviderKey(
  { db, authority, upstreamPort }: Omit<Seed, 'count'>,
  accountId: string,
): Promise<void> {
  const sealingKey = readSealingKey(authority.keyFiles);
  const binding = { account: accountId, upstream: 'openai', host: `127.0.0.1:${upstreamPort}`, version: 1 } as const;
  const jwe = await new CompactEncrypt(new TextEncoder().encode(providerKey))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: sealingKey.kid, typ: 'provkey+jwe', ...binding })
    .encrypt(await importJWK(sealingKey, 'ECDH-ES'));
  await upsertProviderKey(db, {
    accountId,
    upstream: binding.upstream,
    host: binding.host,
    version: binding.version,
    sealingKeyId: sealingKey.kid,
    jwe,
    lastFour: providerKey.slice(-4),
  });
}

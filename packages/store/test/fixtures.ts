import { randomUUID } from 'node:crypto';
import { type Limits, noLimits, parseGrantedScope } from '@aipassport/policy';
import { insertAccount, insertGrant, upsertClient } from '../src/authorization/index.js';
import type { Database } from '../src/index.js';

export async function addAccount(db: Database): Promise<string> {
  const account = await insertAccount(db, { email: `${randomUUID()}@example.com`, passwordHash: 'not-a-hash' });
  if (account === undefined) throw new Error('an account with this e-mail address exists already');
  return account.id;
}

export async function addClient(db: Database, webOrigins: readonly string[] = []): Promise<string> {
  const id = randomUUID();
  await upsertClient(db, {
    id,
    name: 'Test app',
    metadata: {},
    secretHash: undefined,
    webOrigins,
    registeredBy: 'operator',
  });
  return id;
}

export interface TestGrant {
  readonly limits?: Partial<Limits>;
  readonly accountId?: string;
  readonly clientId?: string;
  readonly lifetimeSeconds?: number;
}

export async function addGrant(db: Database, grant: TestGrant = {}): Promise<string> {
  const id = randomUUID();
  await insertGrant(db, {
    id,
    accountId: grant.accountId ?? (await addAccount(db)),
    clientId: grant.clientId ?? (await addClient(db)),
    tokens: parseGrantedScope('model:gpt-4o cap:chat'),
    limits: { ...noLimits, ...grant.limits },
    reason: undefined,
    expiresAt: new Date(Date.now() + (grant.lifetimeSeconds ?? 3_600) * 1_000),
  });
  return id;
}

import { hkdfSync } from 'node:crypto';
import { findArtifact, upsertArtifact } from '@aipassport/store/authorization';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { reuseGraceSeconds } from '../artifact-adapter.js';
import type { Turn } from './exchange-tokens.js';

/** What a refresh was answered. SECRET: holds tokens. */
export interface RefreshAnswer {
  readonly parameters: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Among the artifacts, for they end with their grant. */
const model = 'RefreshAnswer';
/** A repeat at the very end of the grace finds its answer still. */
const keptSeconds = reuseGraceSeconds + 1;

/**
 * Keeps the answer for repeats. It is sealed under a key that comes from the old refresh token, which is stored nowhere:
 * only somebody who has that token can read it.
 */
export async function keepAnswer({ transaction, key, secret, ctx }: Turn, answer: RefreshAnswer): Promise<void> {
  const sealed = await new CompactEncrypt(Buffer.from(JSON.stringify(answer)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(deriveKey(secret));
  const row = { model, idHash: key.idHash, payload: { sealed }, grantId: ctx.oidc.entities.Grant?.jti, uid: undefined };
  await upsertArtifact(transaction, { ...row, expiresInSeconds: keptSeconds });
}

export async function findAnswer({ transaction, key, secret }: Turn): Promise<RefreshAnswer | undefined> {
  const kept = await findArtifact(transaction, { model, idHash: key.idHash });
  if (kept === undefined) return undefined;
  const { plaintext } = await compactDecrypt(String(kept.payload['sealed']), deriveKey(secret));
  return JSON.parse(Buffer.from(plaintext).toString()) as RefreshAnswer;
}

function deriveKey(refreshToken: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', refreshToken, '', 'aipassport: answer to a refresh', 32));
}

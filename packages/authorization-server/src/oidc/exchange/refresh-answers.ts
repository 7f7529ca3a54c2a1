import { findArtifact, upsertArtifact } from '@aipassport/store/authorization';
import { reuseGraceSeconds } from '../artifact-adapter.js';
import { seal, unseal } from '../sealed.js';
import type { Redemption } from './redemption.js';

/** The answer to a refresh. SECRET: contains tokens. */
export interface RefreshAnswer {
  readonly parameters: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers are stored as artifacts, so that they are removed together with their grant. */
const model = 'RefreshAnswer';
/** One second longer than the grace time, so that a repeat at the end of that time still finds its answer. */
const keptSeconds = reuseGraceSeconds + 1;

/** Stores the answer for repeats, encrypted with an encryption key that is derived from the old refresh token. */
export async function keepAnswer({ transaction, key, secret, ctx }: Redemption, answer: RefreshAnswer): Promise<void> {
  const payload = { sealed: await seal(secret, answer) };
  const row = { model, idHash: key.idHash, payload, grantId: ctx.oidc.entities.Grant?.jti, uid: undefined };
  await upsertArtifact(transaction, { ...row, expiresInSeconds: keptSeconds });
}

export async function findAnswer({ transaction, key, secret }: Redemption): Promise<RefreshAnswer | undefined> {
  const kept = await findArtifact(transaction, { model, idHash: key.idHash });
  return kept && unseal(secret, kept.payload['sealed']);
}

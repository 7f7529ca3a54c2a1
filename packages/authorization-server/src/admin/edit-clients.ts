import { endPreviousSecrets, findClient, lockClient, updateManagedClient } from '@aipassport/store/authorization';
import { apiTexts } from '../api/api-texts.js';
import { readDraft, readJson } from '../api/bodies.js';
import { conflict } from '../api/refusals.js';
import { orNull } from '../api/values.js';
import type { Dependencies } from '../dependencies.js';
import { rotateSecret, tooManySecrets } from '../developers/client.js';
import { addOperatorClient } from '../operator/add-client.js';
import type { AdminCall, Specified } from './admin-call.js';
import { buildNewClient, mergeClient } from './client-entry.js';
import { getAdminClient, requireClient } from './clients.js';

/** `POST /api/admin/clients`. The secret is only in this answer. */
export async function createAdminClient(deps: Dependencies, call: AdminCall): Promise<Specified['CreatedClient']> {
  const draft = await readDraft(deps, call.ctx, 'NewClient');
  const metadata = buildNewClient(draft, deps.configuration.redirectSchemes);
  const terms = { profile: draft.sent.profile ?? undefined, by: call.caller.by };
  const { clientId, secret } = await addOperatorClient(deps.db, metadata, terms);
  call.ctx.status = 201;
  return { client: await getAdminClient(deps, { ...call, value: clientId }), client_secret: orNull(secret) };
}

/** `PATCH /api/admin/clients/:client_id`. Other changes of the same client wait, so that no change is lost. */
export async function changeAdminClient(deps: Dependencies, call: AdminCall): Promise<Specified['AdminClient']> {
  const { db, configuration } = deps;
  const { value: clientId, caller } = call;
  const draft = await readDraft(deps, call.ctx, 'ClientChange');
  await db.transaction().execute(async (transaction) => {
    await lockClient(transaction, clientId);
    const client = await requireClient({ ...deps, db: transaction }, clientId);
    const values = mergeClient(client, draft, configuration.redirectSchemes);
    if (!(await updateManagedClient(transaction, { clientId, by: caller.by }, values))) throw notManaged();
  });
  return getAdminClient(deps, call);
}

/** `POST /api/admin/clients/:client_id/secrets`. The secret is only in this answer. */
export async function createClientSecret(
  deps: Dependencies,
  { ctx, caller: { by }, value: clientId }: AdminCall,
): Promise<Specified['NewClientSecret']> {
  await requireClient(deps, clientId);
  const { overlap_seconds: overlapSeconds } = await readJson(deps, ctx, 'SecretRotation');
  const result = await rotateSecret(deps, { clientId, by }, overlapSeconds);
  if (result === 'too_many') throw conflict(apiTexts.say(tooManySecrets.message));
  if (result === 'unknown') {
    const client = await findClient(deps.db, clientId);
    throw client?.registeredBy === 'operator' ? conflict('This client has no secret.') : notManaged();
  }
  ctx.status = 201;
  return { client_secret: result.secret };
}

/** `DELETE /api/admin/clients/:client_id/secrets`: the previous secrets stop working at once. */
export async function endClientSecrets(
  deps: Dependencies,
  { caller: { by }, value: clientId }: AdminCall,
): Promise<undefined> {
  await requireClient(deps, clientId);
  await endPreviousSecrets(deps.db, { clientId, by });
}

function notManaged() {
  return conflict('Only clients that the operator added can be changed here, except clients of the admin API.');
}

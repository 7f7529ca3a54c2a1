import { randomUUID } from 'node:crypto';
import { deleteInvitation, insertInvitation } from '@aipassport/store/authorization';
import { formatInvitationLink } from '../account/invitation-link.js';
import { readJson } from '../api/bodies.js';
import { conflict, unknownObject } from '../api/refusals.js';
import type { Dependencies } from '../dependencies.js';
import type { AdminCall, Specified } from './admin-call.js';

/** `POST /api/admin/invitations`. The link is only in this answer: only a hash of its code is stored. */
export async function createInvitation(
  deps: Dependencies,
  { ctx, caller: { accountId: by } }: AdminCall,
): Promise<Specified['CreatedInvitation']> {
  const { db, configuration } = deps;
  const { note = '', expires_in_seconds: expiresInSeconds } = await readJson(deps, ctx, 'NewInvitation');
  if (configuration.accountCreation !== 'invite') throw conflict('This server creates no accounts by invitation.');
  const id = randomUUID();
  const code = await insertInvitation(db, {
    id,
    createdBy: undefined,
    ...(by !== undefined && { by }),
    note: note.trim() || undefined,
    expiresInSeconds,
  });
  if (code === undefined) throw new Error('the invitation was not stored');
  ctx.status = 201;
  return { invitation_id: id, link: formatInvitationLink(configuration.issuer, code) };
}

/** `DELETE /api/admin/invitations/:invitation_id`: withdraws an invitation that has not been used. */
export async function withdrawInvitation(
  { db }: Dependencies,
  { caller: { by }, value: id }: AdminCall,
): Promise<undefined> {
  if (!(await deleteInvitation(db, id, { by }))) throw unknownObject();
}

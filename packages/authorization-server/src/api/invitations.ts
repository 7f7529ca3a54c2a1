import {
  deleteInvitation,
  findAccountStanding,
  type Invitation,
  isInvitationPosition,
  listInvitations,
} from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import type { ApiCall, Specified } from './api-call.js';
import { buildListPage, pageSize, readCursor } from './cursor.js';
import { unknownObject } from './refusals.js';
import { orNull, timeOrNull } from './values.js';

/** `GET /api/account/invitations`. The links are not in the answer: only hashes of their codes are stored. */
export async function getInvitations(
  { db, configuration }: Dependencies,
  { caller: { accountId } }: ApiCall,
): Promise<Specified['InvitationList']> {
  const account = await findAccountStanding(db, accountId);
  const invitations = await listInvitations(db, { createdBy: accountId });
  return {
    can_invite: account?.mayInvite === true && configuration.accountCreation === 'invite',
    invitations: invitations.map(describeInvitation),
  };
}

/** `DELETE /api/account/invitations/:invitation_id`. Works even if the account may no longer invite others. */
export async function withdrawInvitation({ db }: Dependencies, { caller, value: id }: ApiCall): Promise<undefined> {
  const { accountId: createdBy, tokenId: apiToken } = caller;
  if (!(await deleteInvitation(db, id, { createdBy, apiToken }))) throw unknownObject();
}

/** `GET /api/operator/invitations` */
export async function getAllInvitations(
  { db }: Dependencies,
  { ctx }: Pick<ApiCall, 'ctx'>,
): Promise<Specified['InvitationPage']> {
  const after = readCursor(ctx, (text) => (isInvitationPosition(text) ? text : undefined)) ?? '';
  const found = await listInvitations(db, { after, limit: pageSize + 1 });
  const { rows, next } = buildListPage(found, ({ position }) => position);
  return { invitations: rows.map(describeInvitation), next };
}

function describeInvitation(invitation: Invitation): Specified['Invitation'] {
  const { id, state, createdBy, note, createdAt, expiresAt, usedAt, usedBy } = invitation;
  return {
    invitation_id: id,
    state,
    invited_by: orNull(createdBy),
    note: orNull(note),
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    used_at: timeOrNull(usedAt),
    used_by: orNull(usedBy),
  };
}

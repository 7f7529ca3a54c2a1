import { formatInvitationLink } from '@aipassport/authorization-server/operating';
import {
  deleteInvitation,
  findAccountByEmail,
  insertInvitation,
  listInvitations as listStoredInvitations,
  setMayInvite,
} from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';
import { parseDuration } from './parse-duration.js';
import { readIssuer } from './read-issuer.js';
import { readRecorded } from './read-recorded.js';

export interface InvitationOptions {
  /** A duration: `90m`, `12h`, `7d`. */
  readonly expires: string;
  readonly note?: string;
}

const maxNoteLength = 100;

/**
 * `accounts invite`: makes a link that creates one account. The link is shown once; only a hash of its code is stored.
 */
export async function createInvitation(context: CommandContext, { expires, note }: InvitationOptions): Promise<void> {
  const { environment, print } = context;
  const expiresInSeconds = parseDuration(expires);
  if (note !== undefined && note.length > maxNoteLength)
    throw new Error(`A note has at most ${maxNoteLength} characters.`);
  const issuer = readIssuer(context);
  const invitation = { createdBy: undefined, actor: 'command' as const, note, expiresInSeconds };
  const code = await withDatabase(environment, (db) => insertInvitation(db, invitation));
  if (code === undefined) throw new Error('The invitation was not stored.');
  print(formatInvitationLink(issuer, code));
  print(`The link makes one account, within ${expires}. It is shown only now; only a hash of its code is stored.`);
}

/** `accounts invitations` */
export async function listInvitations(context: CommandContext): Promise<void> {
  const invitations = await readRecorded(context, { what: 'invitations' }, (db) => listStoredInvitations(db));
  for (const invitation of invitations) {
    const { id, createdBy, state, usedBy, expiresAt, note } = invitation;
    const what =
      state === 'used' ? `used by ${usedBy}` : `${state === 'open' ? 'expires' : 'expired'} ${formatMinute(expiresAt)}`;
    context.print(
      `${id}  ${what}  (by ${createdBy ?? 'the operator'})${note === undefined ? '' : `  ${JSON.stringify(note)}`}`,
    );
  }
}

/** `accounts uninvite` */
export async function withdrawInvitation({ environment, print }: CommandContext, id: string): Promise<void> {
  if (!(await withDatabase(environment, (db) => deleteInvitation(db, id, { by: 'command' }))))
    throw new Error(`There is no unused invitation ${id}.`);
  print(`The invitation ${id} is withdrawn: its link no longer works.`);
}

/** `accounts let-invite` and `accounts stop-inviting` */
export async function changeMayInvite(
  { environment, print }: CommandContext,
  email: string,
  mayInvite: boolean,
): Promise<void> {
  await withDatabase(environment, async (db) => {
    const account = await findAccountByEmail(db, email);
    if (account === undefined) throw new Error(`There is no account for ${email}.`);
    await setMayInvite(db, account.id, { mayInvite, by: 'operator' });
  });
  print(
    mayInvite
      ? `${email} may invite others, on the page Invitations.`
      : `${email} may no longer invite others. Unused invitations of this account no longer work.`,
  );
}

function formatMinute(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

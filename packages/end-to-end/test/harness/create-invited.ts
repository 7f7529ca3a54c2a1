import { insertInvitation, setMayInvite } from '@aipassport/store/authorization';
import { password } from './create-account.js';
import type { Deployment } from './deployment.js';
import { Owner } from './owner.js';

let created = 0;

/** The link of a new invitation of the operator, as a path. */
export async function makeInvitationLink({ db }: Pick<Deployment, 'db'>): Promise<string> {
  const code = await insertInvitation(db, { note: undefined, createdBy: undefined, expiresInSeconds: 86_400 });
  return `/account/create?invitation=${code}`;
}

/** An owner on a server where people need invitations. They may invite others. */
export async function createInvited(
  deployment: Pick<Deployment, 'db' | 'issuer'>,
  email = `invited-${++created}@example.org`,
): Promise<Owner> {
  const { db, issuer } = deployment;
  const owner = new Owner(issuer, { email, password });
  const { page } = await owner.open(await makeInvitationLink(deployment));
  await owner.press(page, 'Create account', { fill: { email, password } });
  const { id } = await db.selectFrom('accounts').select('id').where('email', '=', email).executeTakeFirstOrThrow();
  await setMayInvite(db, id, { mayInvite: true });
  return owner;
}

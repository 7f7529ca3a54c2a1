import type { Database } from '@aipassport/store';
import { findAccountByEmail } from '@aipassport/store/authorization';

/** @throws Error when there is no such account */
export async function findAccountId(db: Database, email: string): Promise<string> {
  const account = await findAccountByEmail(db, email);
  if (account === undefined) throw new Error(`There is no account for ${email}.`);
  return account.id;
}

import type { Database } from '../database/open-database.js';

export async function findLanguage(db: Database, accountId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('account_settings')
    .select('language')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row?.language ?? undefined;
}

/**
 * Sets the language of the account's pages.
 * @param language undefined: none is set, so each page has the language that the app proposes or the browser accepts
 */
export async function updateLanguage(db: Database, accountId: string, language: string | undefined): Promise<void> {
  const chosen = language ?? null;
  await db
    .insertInto('account_settings')
    .values({ account_id: accountId, language: chosen })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ language: chosen }))
    .execute();
}

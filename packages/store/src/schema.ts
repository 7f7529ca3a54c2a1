import type { AccountTables } from './schema/account-tables.js';
import type { AuditTables } from './schema/audit-tables.js';
import type { ClientTables } from './schema/client-tables.js';
import type { GrantTables } from './schema/grant-tables.js';
import type { MailTables } from './schema/mail-tables.js';
import type { ProviderKeyTables } from './schema/provider-key-tables.js';
import type { SignInTables } from './schema/sign-in-tables.js';

export type { PictureType } from './schema/client-tables.js';
export type { KeyTestVerdict } from './schema/provider-key-tables.js';

/** The tables that the code accesses with Kysely, not all tables that the migrations create. */
export interface Schema
  extends AccountTables,
    SignInTables,
    MailTables,
    ClientTables,
    GrantTables,
    ProviderKeyTables,
    AuditTables {}

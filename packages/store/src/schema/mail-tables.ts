import type { Generated } from 'kysely';
import type { CreatedAt, Json } from './columns.js';

/** The tables of e-mails. */
export interface MailTables {
  account_mail: {
    account_id: string;
    confirmed_email: string | null;
    language: string;
    muted: Generated<string[]>;
  };
  address_links: {
    token_hash: string;
    account_id: string;
    email: string;
    expires_at: Date;
  };
  sent_notices: {
    account_id: string;
    notice: string;
    expires_at: Generated<Date>;
  };
  notice_checks: {
    name: string;
    began_at: Generated<Date>;
  };
  mails: {
    id: Generated<string>;
    /** Null: the account was deleted. */
    account_id: string | null;
    address: string;
    kind: string;
    language: string;
    /** SECRET: it may contain the token of a link. */
    detail: Json;
    created_at: CreatedAt;
    tries: Generated<number>;
    next_try_at: Generated<Date>;
    expires_at: Generated<Date>;
  };
}

import type { Generated } from 'kysely';
import type { CreatedAt } from './columns.js';

/** The tables of signing in. */
export interface SignInTables {
  owner_sessions: {
    id_hash: string;
    account_id: string;
    authenticated_at: Generated<Date>;
    created_at: CreatedAt;
    last_seen_at: Generated<Date>;
    expires_at: Date;
    browser: string | null;
    system: string | null;
    by_passkey: Generated<boolean>;
  };
  account_identities: {
    issuer: string;
    subject: string;
    account_id: string;
    email: string | null;
    created_at: CreatedAt;
  };
  recovery_codes: {
    account_id: string;
    code_hash: string;
    created_at: CreatedAt;
  };
  unsaved_recovery_codes: {
    account_id: string;
  };
  passkeys: {
    id: string;
    account_id: string;
    credential_id: string;
    public_key: string;
    sign_count: bigint;
    transports: string[];
    name: string;
    created_at: CreatedAt;
    last_used_at: Date | null;
  };
  sign_in_challenges: {
    value_hash: string;
    kind: 'account_creation' | 'passkey_registration' | 'passkey_sign_in' | 'second_factor';
    account_id: string | null;
    created_at: CreatedAt;
    expires_at: Date;
  };
  authenticator_apps: {
    account_id: string;
    sealed_secret: string;
    created_at: Generated<Date>;
    confirmed_at: Date | null;
    last_step: bigint | null;
  };
  password_resets: {
    token_hash: string;
    account_id: string;
    created_at: CreatedAt;
    expires_at: Date;
  };
}

import type { Generated } from 'kysely';
import type { CreatedAt } from './columns.js';

/** The tables of accounts, and what belongs to their owners. */
export interface AccountTables {
  accounts: {
    id: string;
    email: string;
    password_hash: string;
    time_zone: Generated<string>;
    created_at: CreatedAt;
    disabled_at: Date | null;
  };
  account_settings: {
    account_id: string;
    language: string | null;
    default_max_cost: bigint | null;
    default_lifetime_seconds: number | null;
    has_chosen_time_zone: Generated<boolean>;
  };
  account_limits: {
    account_id: string;
    time_zone: string;
    max_cost_per_month: bigint;
    month: Date;
    month_cost: bigint;
  };
  inviters: {
    account_id: string;
  };
  operators: {
    account_id: string;
    created_at: CreatedAt;
  };
  operator_links: {
    code_hash: string;
    for_first: boolean;
    created_at: CreatedAt;
    expires_at: Date;
  };
  invitations: {
    id: string;
    code_hash: string;
    created_by: string | null;
    note: string | null;
    created_at: CreatedAt;
    expires_at: Date;
    used_at: Date | null;
    account_id: string | null;
  };
  account_tokens: {
    id: string;
    account_id: string;
    token_hash: string;
    name: string;
    scopes: string[];
    created_at: CreatedAt;
    expires_at: Date;
    last_used_at: Date | null;
  };
  account_token_admin_scopes: {
    token_id: string;
    scopes: string[];
  };
}

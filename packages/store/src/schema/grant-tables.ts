import type { CountKind, limitTable, UsdKind } from '@aipassport/policy';
import type { Generated } from 'kysely';
import type { CreatedAt, Json } from './columns.js';

/** `null` means no limit. Money is in nano-US-dollars. */
type LimitColumns = { [K in CountKind as (typeof limitTable)[K]['column']]: number | null } & {
  [K in UsdKind as (typeof limitTable)[K]['column']]: bigint | null;
};

/** The tables of grants, and what is issued and used under them. */
export interface GrantTables {
  grants: LimitColumns & {
    id: string;
    account_id: string;
    client_id: string;
    scope: string;
    reason: string | null;
    status: Generated<'active' | 'revoked'>;
    created_at: CreatedAt;
    expires_at: Date;
    time_zone: Generated<string>;
    used_requests: Generated<bigint>;
    spent: Generated<bigint>;
    held: Generated<bigint>;
    day: Date | null;
    day_cost: Generated<bigint>;
    month: Date | null;
    month_cost: Generated<bigint>;
    open_streams: Generated<number>;
    bucket_full_at: Date | null;
    tokens_full_at: Date | null;
    last_used_at: Date | null;
    revoked_at: Date | null;
    revoked_reason: string | null;
  };
  delegated_grants: {
    grant_id: string;
    parent_grant_id: string;
  };
  unredeemed_grants: {
    grant_id: string;
    created_at: CreatedAt;
  };
  chosen_ends: {
    grant_id: string;
    chosen_at: Date;
  };
  shown_scopes: {
    grant_id: string;
    scope: string;
  };
  revocations: {
    grant_id: string;
    reason: string;
    revoked_by: string;
    revoked_at: Generated<Date>;
    until: Date;
  };
  artifacts: {
    model: string;
    id_hash: string;
    payload: Json;
    grant_id: string | null;
    uid: string | null;
    consumed_at: Date | null;
    expires_at: Date | null;
  };
  device_codes: {
    id_hash: string;
    user_code_hash: string;
    polled_at: Date | null;
    polled_too_early: Generated<boolean>;
    interval_seconds: number;
    expires_at: Date;
  };
  idempotency_keys: {
    grant_id: string;
    key_hash: string;
    request_id: string;
    expires_at: Date;
  };
  used_proofs: {
    proof_hash: string;
    request_id: string;
    expires_at: Generated<Date>;
  };
}

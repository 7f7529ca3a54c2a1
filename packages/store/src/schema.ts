import type { CountKind, KeyVerdict, limitTable, UsdKind } from '@aipassport/policy';
import type { ColumnType, Generated, JSONColumnType } from 'kysely';

type Json = JSONColumnType<Record<string, unknown>>;
type CreatedAt = ColumnType<Date, never, never>;
/** `null` means no limit. Money is in nano-US-dollars. */
type LimitColumns = { [K in CountKind as (typeof limitTable)[K]['column']]: number | null } & {
  [K in UsdKind as (typeof limitTable)[K]['column']]: bigint | null;
};

/** The formats of pictures that are stored. SVG is not one of them, because it may contain scripts. */
export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif';

/**
 * The result of a test of a provider key. `unusable`: the proxy that made the test cannot open the provider key, or
 * does not know its upstream.
 */
export type KeyTestVerdict = KeyVerdict | 'unusable';

/** The tables that the code accesses with Kysely, not all tables that the migrations create. */
export interface Schema {
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
  };
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
    account_id: string;
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
  owner_sessions: {
    id_hash: string;
    account_id: string;
    authenticated_at: Generated<Date>;
    created_at: CreatedAt;
    last_seen_at: Generated<Date>;
    expires_at: Date;
    browser: string | null;
    system: string | null;
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
  sign_in_challenges: {
    value_hash: string;
    kind: 'passkey_registration' | 'passkey_sign_in' | 'second_factor';
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
  clients: {
    id: string;
    name: string;
    metadata: Json;
    secret_hash: string | null;
    web_origins: string[];
    registered_by: 'operator' | 'registration';
    created_at: CreatedAt;
  };
  client_documents: {
    client_id: string;
    fresh_until: Date;
  };
  client_logos: {
    client_id: string;
    url: string;
    next_fetch_at: Date;
    hash: string | null;
    media_type: PictureType | null;
    bytes: Buffer | null;
    fetched_at: Date | null;
  };
  client_profiles: {
    client_id: string;
    profile: 'fapi_2_0';
  };
  client_owners: {
    client_id: string;
    account_id: string;
    type: 'web' | 'spa' | 'terminal';
  };
  previous_client_secrets: {
    client_id: string;
    secret_hash: string;
    expires_at: Date;
  };
  client_blocks: {
    client_id: string;
    blocked_at: CreatedAt;
  };
  client_approvals: {
    client_id: string;
    approved_at: CreatedAt;
  };
  client_uses: {
    client_id: string;
    last_used_at: Generated<Date>;
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
  shown_scopes: {
    grant_id: string;
    scope: string;
  };
  account_limits: {
    account_id: string;
    time_zone: string;
    max_cost_per_month: bigint;
    month: Date;
    month_cost: bigint;
  };
  revocations: {
    grant_id: string;
    reason: string;
    revoked_by: string;
    revoked_at: Generated<Date>;
    until: Date;
  };
  provider_keys: {
    id: string;
    account_id: string;
    upstream: string;
    host: string;
    version: number;
    sealing_key_id: string;
    jwe: string;
    last_four: string;
    created_at: Generated<Date>;
    last_used_at: Date | null;
  };
  provider_key_refusals: {
    account_id: string;
    upstream: string;
    provider_key_id: string;
    refused_at: Date;
    refusal: string;
  };
  provider_key_names: {
    account_id: string;
    upstream: string;
    name: string;
  };
  provider_key_tests: {
    account_id: string;
    upstream: string;
    provider_key_id: string;
    requested_at: Generated<Date>;
    taken_at: Date | null;
    verdict: KeyTestVerdict | null;
  };
  retired_sealing_keys: {
    id: string;
    retired_at: Generated<Date>;
  };
  audit_events: {
    id: Generated<bigint>;
    at: Generated<Date>;
    event: string;
    account_id: string | null;
    client_id: string | null;
    grant_id: string | null;
    detail: Json;
  };
  audit_seals: {
    sequence: bigint;
    event_id: bigint;
    at: Date;
    account_digest: string | null;
    content_digest: Buffer;
    key_id: string;
    code: Buffer;
  };
  audit_chain: {
    name: string;
    state: Generated<string>;
    key_id: string | null;
    code: Buffer | null;
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
  device_codes: {
    id_hash: string;
    user_code_hash: string;
    polled_at: Date | null;
    polled_too_early: Generated<boolean>;
    interval_seconds: number;
    expires_at: Date;
  };
  attempts: {
    key_hash: string;
    count: number;
    window_ends_at: Date;
  };
}

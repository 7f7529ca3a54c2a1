import type { Generated } from 'kysely';
import type { CreatedAt, Json } from './columns.js';

/** The formats of pictures that are stored. SVG is not one of them, because it may contain scripts. */
export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif';

/** The tables of clients. */
export interface ClientTables {
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
  client_admin_scopes: {
    client_id: string;
    scopes: string[];
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
}

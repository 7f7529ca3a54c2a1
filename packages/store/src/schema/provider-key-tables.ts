import type { KeyVerdict } from '@aipassport/policy';
import type { Generated } from 'kysely';

/** The result of a test of a provider key. `unusable`: the proxy that made the test cannot open the provider key. */
export type KeyTestVerdict = KeyVerdict | 'unusable';

/** The tables of provider keys. */
export interface ProviderKeyTables {
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
  /** The keys after the one in `provider_keys`, in the order of `place`. */
  spare_provider_keys: {
    account_id: string;
    id: string;
    upstream: string;
    place: number;
    host: string;
    version: number;
    sealing_key_id: string;
    jwe: string;
    last_four: string;
    created_at: Generated<Date>;
    last_used_at: Date | null;
    name: string | null;
    refused_at: Date | null;
    refusal: string | null;
    test_requested_at: Date | null;
    test_taken_at: Date | null;
    test_verdict: KeyTestVerdict | null;
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
}

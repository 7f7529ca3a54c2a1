import type { AdminComponents } from '@aipassport/contracts';
import type { RequestSource } from '@aipassport/store';
import type { AdminScope } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';

/** The schemas of the admin API, as `openapi/admin.yaml` describes them. */
export type Specified = AdminComponents['schemas'];

/** Who calls the admin API: a client of the operator, or a person who is an operator, with an API token. */
export interface AdminCaller {
  readonly scopes: readonly AdminScope[];
  /** The thumbprint of the key to which the token is bound (RFC 9449); undefined for a bearer token. */
  readonly jkt: string | undefined;
  /** The operator's account; undefined for a client. */
  readonly accountId: string | undefined;
  /** The part of every audit row that names the caller. */
  readonly source: Pick<RequestSource, 'adminClient' | 'adminToken'>;
  /** The caller, as audit rows and log lines name it: `admin_client:<id>` or `api_token:<id>`. */
  readonly by: string;
  /** The time zone of the dates in answers. */
  readonly timeZone: string;
}

/** A request to the admin API whose token allows the operation. */
export interface AdminCall {
  readonly ctx: Context;
  readonly caller: AdminCaller;
  /** The value of the path's variable segment; empty for a path without one. */
  readonly value: string;
}

/**
 * @param deps `db` adds the caller, the request and its IP address to every audit row
 * @returns the body of the answer, an object or a stream; undefined for an answer without a body
 */
export type AdminHandler = (deps: Dependencies, call: AdminCall) => Promise<object | undefined>;

import type { AdminComponents } from '@aipassport/contracts';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { AdminClient } from '../oidc/admin/find-admin-client.js';

/** The schemas of the admin API, as `openapi/admin.yaml` describes them. */
export type Specified = AdminComponents['schemas'];

/** The client that calls the admin API. */
export interface AdminCaller extends AdminClient {
  /** Who does an act, for its audit row: `admin_client:<id>`. */
  readonly by: string;
  /** Of the dates in answers. */
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
 * @param deps `db` adds the client, the request and its IP address to every audit row
 * @returns the body of the answer, an object or a stream; undefined for an answer without a body
 */
export type AdminHandler = (deps: Dependencies, call: AdminCall) => Promise<object | undefined>;

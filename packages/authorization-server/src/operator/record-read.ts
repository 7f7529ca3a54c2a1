import type { Database } from '@aipassport/store';
import { insertAuditEvent } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';

/** What an operator or a program of the operator can read about people. */
export type ReadData = 'accounts' | 'account' | 'invitations' | 'clients' | 'client' | 'grants' | 'grant' | 'usage';

interface Subject {
  readonly accountId?: string;
  readonly clientId?: string;
  readonly grantId?: string;
}

interface Read {
  readonly read: ReadData;
  /** Who reads: an account's id, `api_token:<id>` or `admin_client:<id>`. */
  readonly by: string;
  /** The account, client or grant that the data is about, if it is about a single one. */
  readonly subject?: Subject;
}

/**
 * Records that data of other people was read: one row for each answer. The row does not contain the text of a search,
 * because that can be the e-mail address of an account that is deleted later.
 */
export async function recordRead(db: Database, { read, by, subject = {} }: Read): Promise<void> {
  await insertAuditEvent(db, { event: 'data_read', ...subject, detail: { by, read } });
}

interface Call {
  readonly ctx: Context;
  readonly caller: { readonly by: string } | { readonly tokenId: string };
  readonly value: string;
}

/** Wraps a handler that reads data of people: the row is written before the answer is sent. */
export function reads<Own, Body extends object>(
  read: ReadData,
  handle: (deps: Dependencies, call: Own) => Promise<Body>,
  subjectOf: (body: Body, value: string) => Subject = () => ({}),
): (deps: Dependencies, call: Own & Call) => Promise<Body> {
  return async (deps, call) => {
    const body = await handle(deps, call);
    const { caller, value } = call;
    const by = 'by' in caller ? caller.by : `api_token:${caller.tokenId}`;
    await recordRead(deps.db, { read, by, subject: subjectOf(body, value) });
    return body;
  };
}

/** The path names the account. */
export const accountInPath = (_body: object, accountId: string) => ({ accountId });

import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  assertMigrated,
  type Database,
  listServerRoles,
  readDurability,
  readInstance,
  type ServerRole,
} from '@aipassport/store';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';
import { examineConnection } from './examine-connection.js';
import { examineSealing } from './examine-sealing.js';
import { examineUpkeep } from './examine-upkeep.js';
import type { Finding } from './finding.js';

interface DatabaseFindings {
  readonly findings: readonly Finding[];
  /** Names the database; undefined when it was not read. */
  readonly instance?: string | undefined;
}

/** Checks the database: its settings, its schema and the roles with which the servers connect. */
export async function examineDatabase(context: CommandContext): Promise<DatabaseFindings> {
  const { environment } = context;
  const isOwn = environment.DATABASE_URL === undefined;
  if (isOwn && !existsSync(path.join(environment.AIPASSPORT_DATA, 'postgres')))
    return { findings: [{ ok: true, text: 'database: nothing is there yet, `npm start` makes it' }] };
  try {
    return await withDatabase(environment, (db) => examineConnected(db, context), {
      statementTimeoutMilliseconds: 5_000,
    });
  } catch (error) {
    const { message, code } = error as Partial<NodeJS.ErrnoException>; // the message is empty if two IP addresses failed
    return {
      findings: [
        { ok: false, text: `database: ${message || code || 'cannot be reached'}; start it, or correct DATABASE_URL` },
      ],
    };
  }
}

async function examineConnected(db: Database, context: CommandContext): Promise<DatabaseFindings> {
  const { version, fsync, fullPageWrites, synchronousCommit } = await readDurability(db);
  const schema = await assertMigrated(db).then(
    () => ({ ok: true, text: 'database: its schema is up to date' }),
    (error: Error) => ({ ok: false, text: `database: ${error.message}` }),
  );
  const findings = [
    { ok: true, text: `database: PostgreSQL ${version} answers` },
    schema,
    ...(await examineConnection(db, context)),
    ...(await listServerRoles(db)).map(examineRole),
    describeDurability('fsync', fsync ? 'on' : 'off'),
    describeDurability('full_page_writes', fullPageWrites ? 'on' : 'off'),
    describeDurability('synchronous_commit', synchronousCommit),
    ...(schema.ok ? [...(await examineUpkeep(db)), await unlessDenied('audit log', examineSealing(db))] : []),
  ];
  return { findings, instance: schema.ok ? await readInstance(db) : undefined };
}

/** Not every role of the database may read everything: the resource proxy's may not read the audit log. */
async function unlessDenied(what: string, examination: Promise<Finding>): Promise<Finding> {
  return examination.catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code !== '42501') throw error;
    const text = `${what}: this role of the database may not read it: run \`doctor\` where the authorization server runs`;
    return { ok: true, isWarning: true, text };
  });
}

function describeDurability(setting: string, value: string): Finding {
  const text = `database: ${setting} is ${value}`;
  if (value !== 'off') return { ok: true, text };
  return {
    ok: false,
    text: `${text}, so a power cut can undo revocations and spending: run \`alter system set ${setting} = on\` and \`select pg_reload_conf()\` there`,
  };
}

/**
 * Checks that a server's database role has few rights: an attacker who takes over the server gets exactly these rights.
 */
function examineRole({ server, role, power }: ServerRole): Finding {
  const fault = { superuser: 'a superuser', owner: 'which owns the tables', none: undefined }[power];
  const text = `database: the ${server} connects as the role ${role}`;
  return {
    ok: fault === undefined,
    text: fault === undefined ? text : `${text}, ${fault}: see docs/operations.md, Roles`,
  };
}

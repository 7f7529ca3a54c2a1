import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type pg from 'pg';
import { createClientClass } from '../database/credentials.js';
import type { Database } from '../database/open-database.js';
import { Targets } from '../database/targets.js';

export interface RevocationListener {
  /**
   * While notifications arrive, this is called for every grant that any process revokes, as soon as the revocation has
   * committed.
   */
  readonly onRevoked: (grantId: string) => void;
  /** Called when the listener begins to receive notifications. Earlier revocations must be read from the tables. */
  readonly onListening: () => void;
  /** Called when a test notification has arrived. */
  readonly onBeat?: () => void;
  /** Called when notifications no longer arrive. Revocations are missed until `onListening` is called. */
  readonly onLost: (error: unknown) => void;
}

export interface ListeningOptions extends RevocationListener {
  /** SECRET: holds a password. A direct connection to the database, because poolers do not forward notifications. */
  readonly url: string;
  /** SECRET: reads the URL again. New connections use its user and password. */
  readonly readUrl?: (() => string) | undefined;
  readonly applicationName: string;
  /** Another connection to the same database. Test notifications are sent through it. */
  readonly db: Database;
  /** The interval between two tests. A database that vanished silently is detected within twice this time. */
  readonly heartbeatMilliseconds?: number;
}

const reconnectDelayMilliseconds = 250;
const connectTimeoutMilliseconds = 3_000;
/** The time to wait for a test notification. Earlier notifications, or a busy process, may delay it. */
const echoMilliseconds = 3_000;
const channel = 'grant_revoked';

/** Listens on its own connection until `close` is called. Reconnects as often as necessary. */
export function listenForRevocations(options: ListeningOptions): { readonly close: () => Promise<void> } {
  const closing = new AbortController();
  const done = listenUntil(closing.signal, options, new Targets(options.url, options.readUrl));
  return {
    close: async () => {
      closing.abort();
      await done;
    },
  };
}

async function listenUntil(closing: AbortSignal, options: ListeningOptions, targets: Targets): Promise<void> {
  while (!closing.aborted) {
    try {
      await listenOnce(closing, options, targets);
    } catch (error) {
      if (!closing.aborted) options.onLost(error);
    }
    await sleep(reconnectDelayMilliseconds, undefined, { signal: closing }).catch(() => undefined);
  }
}

async function listenOnce(closing: AbortSignal, options: ListeningOptions, targets: Targets): Promise<void> {
  const { heartbeatMilliseconds = 1_000 } = options;
  const line = await targets.tryInTurn((index) => targets.credentials.retry(() => openLine(options, targets, index)));
  const closed = new Promise<void>((resolve) => {
    if (closing.aborted) resolve();
    else closing.addEventListener('abort', () => resolve(), { once: true });
  });
  const unlessOver = (work: Promise<unknown>) => Promise.race([work, line.lost, closed]);
  try {
    const beat = await listenOn(line, options);
    await unlessOver(beat());
    if (!closing.aborted) options.onListening();
    while (!closing.aborted) {
      await unlessOver(sleep(heartbeatMilliseconds, undefined, { signal: closing }).catch(() => undefined));
      if (!closing.aborted)
        await unlessOver(Promise.all([line.client.query('select 1'), beat().catch(throwIfUnheard)]));
    }
  } finally {
    await closeClient(line.client);
  }
}

interface Line {
  readonly client: pg.Client;
  /** Rejects when the connection ends. */
  readonly lost: Promise<never>;
}

async function openLine(options: ListeningOptions, targets: Targets, index: number): Promise<Line> {
  const Client = createClientClass(targets.credentials);
  const client = new Client({
    ...targets.list[index],
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMilliseconds,
    query_timeout: options.heartbeatMilliseconds ?? 1_000,
    keepAlive: true,
  });
  const lost = new Promise<never>((_resolve, reject) => {
    client.on('error', reject); // the event may come more than once
    client.once('end', () => reject(new Error('the connection for revocations has ended')));
  });
  lost.catch(() => undefined);
  try {
    await client.connect();
    await targets.requireReadWrite(client);
    return { client, lost };
  } catch (error) {
    await closeClient(client);
    throw error;
  }
}

/** A notification was sent but not received. */
class UnheardError extends Error {
  override readonly name = 'UnheardError';
}

/**
 * Starts to listen on the channel of revocations, and on a channel for the test notifications of this connection.
 * @returns a function that sends a test notification over another connection and waits for it. It throws when the
 * notification does not arrive
 */
async function listenOn({ client }: Line, options: ListeningOptions): Promise<() => Promise<void>> {
  const ownChannel = `heartbeat_${randomUUID().replaceAll('-', '')}`;
  let onEcho: () => void = () => undefined;
  client.on('notification', ({ channel: name, payload }) => {
    if (name === ownChannel) onEcho();
    else if (payload !== undefined) options.onRevoked(payload);
  });
  await client.query(`listen ${channel}`);
  await client.query(`listen ${ownChannel}`);
  return async () => {
    const heard = new Promise<true>((resolve) => {
      onEcho = () => resolve(true);
    });
    // The notification is sent through a different connection, because behind a pooler, the listening connection would
    // receive only its own notifications. The test also fails if the two connections are to different databases.
    await sql`select pg_notify(${ownChannel}, '')`.execute(options.db);
    if (!(await isInTime(heard)))
      throw new UnheardError(
        'a notification was sent and not received: DATABASE_DIRECT_URL must connect to PostgreSQL directly, without a pooler',
      );
    options.onBeat?.();
  };
}

async function isInTime(heard: Promise<true>): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(echoMilliseconds, false, { signal: timer.signal })
    // Pending input is read first. If this process was busy, the notification may have arrived without being read.
    .then(() => nextTurn(false))
    .catch(() => false);
  const isHeard = await Promise.race([heard, late]);
  timer.abort();
  return isHeard;
}

/** Ignores an error of sending, because it says nothing about the listening connection. */
function throwIfUnheard(error: unknown): void {
  if (error instanceof UnheardError) throw error;
}

/** A broken connection may not answer the request to close. */
async function closeClient(client: pg.Client): Promise<void> {
  await Promise.race([client.end().catch(() => undefined), sleep(500)]);
}

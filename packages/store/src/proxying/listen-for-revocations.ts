import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import type { Database } from '../database/open-database.js';
import { Targets } from '../database/targets.js';

export interface RevocationListener {
  /** Told once for every grant that is revoked anywhere, as soon as the revocation has committed. */
  readonly onRevoked: (grantId: string) => void;
  /** Told when a notification has been heard: what was announced before must be read from the tables. */
  readonly onListening: () => void;
  /** Told when nothing is heard: until `onListening`, revocations go unheard. */
  readonly onLost: (error: unknown) => void;
}

export interface ListeningOptions extends RevocationListener {
  /** SECRET: holds a password. Leads to the database itself: a pooler hands no notifications on. */
  readonly url: string;
  readonly applicationName: string;
  /** Another way to the same database, by which notifications are sent that this listener has to hear. */
  readonly db: Database;
  /** How often it is tried: a server that vanished without a word is noticed within twice this time. */
  readonly heartbeatMilliseconds?: number;
}

const reconnectDelayMilliseconds = 250;
const connectTimeoutMilliseconds = 3_000;
/** For a notification that has been sent: those before it, and a process that is busy, may need their time. */
const echoMilliseconds = 3_000;
const channel = 'grant_revoked';

/** Listens on a connection of its own until closed, and reconnects for as long as it takes. */
export function listenForRevocations(options: ListeningOptions): { readonly close: () => Promise<void> } {
  const closing = new AbortController();
  const done = listenUntil(closing.signal, options, new Targets(options.url));
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
  const line = await targets.tryInTurn((index) => openLine(options, targets, index));
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
  const client = new pg.Client({
    ...targets.list[index],
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMilliseconds,
    query_timeout: options.heartbeatMilliseconds ?? 1_000,
    keepAlive: true,
  });
  const lost = new Promise<never>((_resolve, reject) => {
    client.on('error', reject); // it may come more than once
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

/** A notification was sent, and did not come. */
class UnheardError extends Error {
  override readonly name = 'UnheardError';
}

/**
 * Begins to listen, on the channel of all and on one of its own.
 * @returns a function that sends a notification from elsewhere and waits until it is heard, or throws
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
    // On a connection that is not this one: through a pooler that shares connections our own would hear itself, and
    // nobody else. And a URL that leads to another database would hear nothing at all.
    await sql`select pg_notify(${ownChannel}, '')`.execute(options.db);
    if (!(await isInTime(heard)))
      throw new UnheardError('a notification was sent and not heard: DATABASE_DIRECT_URL must lead past any pooler');
  };
}

async function isInTime(heard: Promise<true>): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(echoMilliseconds, false, { signal: timer.signal })
    // What has come is read first: this process may have been busy all the while.
    .then(() => nextTurn(false))
    .catch(() => false);
  const isHeard = await Promise.race([heard, late]);
  timer.abort();
  return isHeard;
}

/** That it could not even be sent says nothing of the connection that listens. */
function throwIfUnheard(error: unknown): void {
  if (error instanceof UnheardError) throw error;
}

/** A connection that is gone may not answer the farewell either. */
async function closeClient(client: pg.Client): Promise<void> {
  await Promise.race([client.end().catch(() => undefined), sleep(500)]);
}

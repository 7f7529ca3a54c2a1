import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface RevocationListener {
  /** Told once for every grant that is revoked anywhere, as soon as the revocation has committed. */
  readonly onRevoked: (grantId: string) => void;
  /** Told when listening begins, and begins again: what was announced in between must be read from the tables. */
  readonly onListening: () => void;
  /** Told when the connection is lost: until `onListening`, revocations go unheard. */
  readonly onLost: (error: unknown) => void;
}

export interface ListeningOptions extends RevocationListener {
  /** SECRET: holds a password. */
  readonly url: string;
  readonly applicationName: string;
  /** How often the connection is tried: a server that vanished without a word is noticed within twice this time. */
  readonly heartbeatMilliseconds?: number;
}

const reconnectDelayMilliseconds = 250;

/** Listens on a connection of its own until closed, and reconnects for as long as it takes. */
export function listenForRevocations(options: ListeningOptions): { readonly close: () => Promise<void> } {
  const closing = new AbortController();
  const done = listenUntil(closing.signal, options);
  return {
    close: async () => {
      closing.abort();
      await done;
    },
  };
}

async function listenUntil(closing: AbortSignal, options: ListeningOptions): Promise<void> {
  while (!closing.aborted) {
    try {
      await listenOnce(closing, options);
    } catch (error) {
      if (!closing.aborted) options.onLost(error);
    }
    await sleep(reconnectDelayMilliseconds, undefined, { signal: closing }).catch(() => undefined);
  }
}

async function listenOnce(closing: AbortSignal, options: ListeningOptions): Promise<void> {
  const { heartbeatMilliseconds = 1_000 } = options;
  const client = new pg.Client({
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: 3_000,
    query_timeout: heartbeatMilliseconds,
    keepAlive: true,
  });
  const lost = new Promise<never>((_resolve, reject) => {
    client.on('error', reject); // it may come more than once
    client.once('end', () => reject(new Error('the connection for revocations has ended')));
  });
  lost.catch(() => undefined);
  try {
    await client.connect();
    client.on('notification', ({ payload }) => {
      if (payload !== undefined) options.onRevoked(payload);
    });
    await client.query('listen grant_revoked');
    options.onListening();
    while (!closing.aborted) {
      await Promise.race([sleep(heartbeatMilliseconds, undefined, { signal: closing }).catch(() => undefined), lost]);
      if (!closing.aborted) await Promise.race([client.query('select 1'), lost]);
    }
  } finally {
    // A connection that is gone may not answer the farewell either.
    await Promise.race([client.end().catch(() => undefined), sleep(500)]);
  }
}

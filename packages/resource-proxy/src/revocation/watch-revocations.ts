import type { Database } from '@aipassport/store';
import { listEndedGrants, listenForRevocations } from '@aipassport/store/proxying';
import type { Logger } from 'pino';
import type { ProxyLimits } from '../limits.js';
import type { LiveRequests } from './live-requests.js';

export interface RevocationWatch {
  /** Whether a notification that is sent now would be received. */
  readonly isListening: () => boolean;
  /** The time since the last test notification arrived, or since the start. */
  readonly unheardMilliseconds: () => number;
  readonly close: () => Promise<void>;
}

export interface RevocationWatchOptions {
  readonly db: Database;
  /** SECRET: contains a password. A direct connection, not through a pooler. */
  readonly databaseDirectUrl: string;
  /** SECRET: reads the URL again, for the password of new connections. */
  readonly readDatabaseDirectUrl: (() => string) | undefined;
  readonly applicationName: string;
  readonly liveRequests: LiveRequests;
  readonly limits: ProxyLimits;
  readonly log: Logger;
  readonly now: () => number;
}

/**
 * Cuts requests whose grants have ended. When a notification arrives, the requests are cut at once. Notifications are
 * lost while the listener is disconnected. So the grants of all live requests are also read whenever listening begins,
 * and at regular intervals. This finds expired grants too. If notifications are lost and the grants cannot be read, the
 * requests continue for a limited time, and then they are cut.
 */
export function watchRevocations(options: RevocationWatchOptions): RevocationWatch {
  const { db, liveRequests, limits, log, now } = options;
  let listening = false;
  let isLossReported = false;
  let heardAt = now();
  let beatAt = performance.now();

  const cutEndedGrants = async () => {
    const ended = await listEndedGrants(db, liveRequests.grantIds);
    heardAt = now();
    for (const grantId of ended) liveRequests.cutGrant(grantId, 'grant_ended');
  };
  const poll = async () => {
    if (listening || liveRequests.size === 0) heardAt = now();
    if (liveRequests.size === 0) return;
    await cutEndedGrants().catch((error: unknown) => {
      log.warn({ event: 'revocation_poll_failed', err: error }, 'the grants of live requests could not be read');
    });
    if (now() - heardAt <= limits.maxWithoutRevocationsMilliseconds) return;
    log.error(
      { event: 'revocations_unheard', live: liveRequests.size },
      'live requests are cut: revocations can be neither received nor read',
    );
    liveRequests.cutAll('revocations_unheard');
  };

  const listener = listenForRevocations({
    url: options.databaseDirectUrl,
    readUrl: options.readDatabaseDirectUrl,
    db,
    applicationName: options.applicationName,
    onRevoked: (grantId) => liveRequests.cutGrant(grantId, 'grant_revoked'),
    onListening: () => {
      listening = true;
      isLossReported = false;
      log.info({ event: 'revocations_heard' }, 'listening for revocations');
      void poll();
    },
    onBeat: () => {
      beatAt = performance.now();
    },
    onLost: (error) => {
      // Each loss is reported once. If the listener has never connected, that is reported once too.
      if (listening || !isLossReported)
        log.warn({ event: 'revocations_lost', err: error }, 'revocation notifications are not being received');
      listening = false;
      isLossReported = true;
    },
  });
  const timer = setInterval(() => void poll(), limits.revocationPollMilliseconds);
  timer.unref();

  return {
    isListening: () => listening,
    unheardMilliseconds: () => performance.now() - beatAt,
    close: async () => {
      clearInterval(timer);
      await listener.close();
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { claimLogoFetch, type ListedLogo, listLogos, storeLogo } from '@aipassport/store/authorization';
import pLimit from 'p-limit';
import { requireFew } from '../account/guessing-limits.js';
import { Denied } from '../denials/denial.js';
import { formatPath, paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { DocumentUnreadable, isOutage } from './fetch-document.js';
import { fetchLogo } from './fetch-logo.js';
import { findLogoUrl } from './logo-url.js';

const fetchesAtATime = 8;
/** If the queue is full, a logo is not fetched now, but for a later page. */
const maxWaiting = 100;
const windowSeconds = 10 * 60;
/** The most logos that are fetched for one owner, in one window. */
const perAccount = 60;
/** The most logos that are fetched from one host, in one window. More could be an attack on that host. */
const perHost = 120;
/** If a client has no logo to show yet, the page waits for it at most this long. The fetch continues afterwards. */
const waitMilliseconds = 300;
/** The time between a failed fetch and the next try. */
const retrySeconds = 10 * 60;

type Deps = Pick<Foundation, 'configuration' | 'db' | 'log'>;

/** The URLs of logos at this server, by the client's identifier. Clients without a logo are missing. */
export type LogoPaths = ReadonlyMap<string, string>;

/** The logos of clients. Pages load them from this server, so that a browser tells nothing to the client's host. */
export interface Logos {
  /**
   * Finds the logos of these clients for a page that this account reads. Logos that are missing or old are fetched. The
   * page does not wait for a slow host: it shows the old logo, or none.
   */
  readonly find: (clientIds: readonly string[], accountId: string) => Promise<LogoPaths>;
}

interface Wanted extends ListedLogo {
  /** The URL that the client names now. */
  readonly namedUrl: URL;
}

export function openLogos(deps: Deps): Logos {
  const { db, configuration } = deps;
  const oneOfFew = pLimit(fetchesAtATime);
  return {
    find: async (clientIds, accountId) => {
      const wanted = await listWanted();
      const due = wanted.filter(isDue).slice(0, Math.max(0, maxWaiting - oneOfFew.pendingCount));
      const fetches = due.map((logo) => [logo, oneOfFew(() => refresh(deps, logo, accountId))] as const);
      const first = fetches.filter(([logo]) => !hasPicture(logo)).map(([, fetch]) => fetch);
      if (first.length === 0) return toPaths(wanted);
      await Promise.race([Promise.all(first), sleep(waitMilliseconds, undefined, { ref: false })]);
      return toPaths(await listWanted());

      async function listWanted(): Promise<readonly Wanted[]> {
        const listed = await listLogos(db, clientIds);
        return listed.flatMap((logo) => {
          const namedUrl = findLogoUrl(logo.client, configuration);
          return namedUrl === undefined ? [] : [{ ...logo, namedUrl }];
        });
      }
    },
  };
}

function isDue(logo: Wanted): boolean {
  return logo.isDue || !isCurrent(logo);
}

/** Whether the stored logo is from the URL that the client names now. */
function isCurrent({ url, namedUrl }: Wanted): boolean {
  return url === namedUrl.href;
}

function hasPicture(logo: Wanted): logo is Wanted & { readonly hash: string } {
  return isCurrent(logo) && logo.hash !== undefined;
}

function toPaths(logos: readonly Wanted[]): LogoPaths {
  return new Map(logos.filter(hasPicture).map(({ client, hash }) => [client.id, formatPath(paths.logo, hash)]));
}

/**
 * Fetches and stores a logo, unless it is being fetched already, here or at another replica. Never rejects, because a
 * page can be shown without a logo.
 */
async function refresh({ db, configuration, log }: Deps, logo: Wanted, accountId: string): Promise<void> {
  const { client, namedUrl } = logo;
  const fetched = { clientId: client.id, url: namedUrl.href };
  try {
    await requireFew(db, { key: `logo:${accountId}`, limit: perAccount, windowSeconds });
    await requireFew(db, { key: `logo-host:${namedUrl.host}`, limit: perHost, windowSeconds });
    if (!(await claimLogoFetch(db, fetched))) return;
    const { picture, freshSeconds } = await fetchLogo(namedUrl, configuration.clientDocuments.trustedHosts);
    await storeLogo(db, { ...fetched, picture }, freshSeconds);
  } catch (error) {
    if (error instanceof Denied) return;
    if (!(error instanceof DocumentUnreadable)) return log.warn({ event: 'client_logo_not_stored', err: error });
    log.info({ event: 'client_logo_unreadable', host: namedUrl.host, problem: error.problem });
    const picture = isOutage(error.problem) ? 'unchanged' : 'none';
    await storeLogo(db, { ...fetched, picture }, retrySeconds).catch((failure: unknown) =>
      log.warn({ event: 'client_logo_not_stored', err: failure }),
    );
  }
}

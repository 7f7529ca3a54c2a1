import { setTimeout as sleep } from 'node:timers/promises';
import { chatStatus } from '../../harness/chat.js';
import type { Laboratory } from './laboratory.js';
import type { Access } from './load.js';

/** Acknowledged acts of owners and clients, to be checked after a fault. */
export class Journal {
  readonly #laboratory: Pick<Laboratory, 'client' | 'grant' | 'query' | 'targets'>;
  readonly #made: { readonly access: Access; readonly maxRequests: number }[] = [];
  readonly #revoked: Access[] = [];
  /** Acts that were not acknowledged. They may or may not have happened. */
  unknown = 0;

  constructor(laboratory: Pick<Laboratory, 'client' | 'grant' | 'query' | 'targets'>) {
    this.#laboratory = laboratory;
  }

  get acknowledged(): number {
    return this.#made.length + this.#revoked.length;
  }

  /** Makes grants and revokes every second one, until the test stops it. */
  async write(isOver: () => boolean, pauseMilliseconds = 0): Promise<void> {
    while (!isOver()) {
      await sleep(pauseMilliseconds);
      try {
        const maxRequests = 1_000 + this.#made.length;
        const access = await this.#laboratory.grant({ maxRequests });
        this.#made.push({ access, maxRequests });
        if (this.#made.length % 2 === 0) continue;
        await this.#laboratory.client.revokeToken(access.accessToken);
        this.#revoked.push(access);
      } catch {
        this.unknown += 1;
        await sleep(50);
      }
    }
  }

  /** @returns each acknowledged act that no longer holds or is not in the audit log exactly once, as a sentence */
  async findLost(): Promise<string[]> {
    const { query, targets } = this.#laboratory;
    const lost: string[] = [];
    const rows = await query<{ id: string; status: string; max_requests: string; is_revoked: boolean }>(
      `select id, status, max_requests::text, exists (select from revocations r where r.grant_id = g.id) as is_revoked
       from grants g`,
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    const events = await query<{ grant_id: string; event: string; count: number }>(
      'select grant_id, event, count(*)::integer as count from audit_events where grant_id is not null group by grant_id, event',
    );
    const countEvents = ({ grantId }: Access, name: string) =>
      events.find(({ grant_id, event }) => grant_id === grantId && event === name)?.count ?? 0;
    for (const { access, maxRequests } of this.#made) {
      const row = byId.get(access.grantId);
      if (countEvents(access, 'consent_given') !== 1) lost.push(`grant ${access.grant} is not recorded exactly once`);
      if (row === undefined) lost.push(`grant ${access.grant} is gone`);
      else if (Number(row.max_requests) !== maxRequests) lost.push(`the limits of grant ${access.grant} have changed`);
    }
    for (const access of this.#revoked) {
      const { grantId, grant, accessToken } = access;
      if (countEvents(access, 'grant_revoked') !== 1)
        lost.push(`the revocation of grant ${grant} is not recorded exactly once`);
      const row = byId.get(grantId);
      if (row?.status !== 'revoked' || !row.is_revoked) lost.push(`grant ${grant} is not revoked any more`);
      const status = await chatStatus(targets[0] ?? '', accessToken);
      if (status !== 401) lost.push(`a request under grant ${grant}, which is revoked, was answered with ${status}`);
    }
    return lost;
  }
}

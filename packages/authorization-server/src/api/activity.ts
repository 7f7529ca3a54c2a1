import { type ListedEvent, listAuditEvents } from '@aipassport/store/authorization';
import { queryText } from '../account/sign-in.js';
import { readActivityFilter, readBefore } from '../activity/activity-filter.js';
import { describeEvent, eventGroups } from '../activity/describe-event.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { ApiCall, Specified } from './api-call.js';
import { apiTexts } from './api-texts.js';
import { buildListPage, pageSize, readCursor } from './cursor.js';
import { invalid } from './refusals.js';
import { orNull } from './values.js';

/** `GET /api/account/activity` */
export async function getActivity({ db }: Dependencies, { ctx, caller }: ApiCall): Promise<Specified['EventPage']> {
  const { kinds, clientId } = readFilter(ctx);
  const before = readCursor(ctx, readBefore);
  const events = await listAuditEvents(db, {
    accountId: caller.accountId,
    kinds,
    clientId,
    before,
    limit: pageSize + 1,
  });
  const { rows, next } = buildListPage(events, ({ id }) => String(id));
  return { events: rows.map(describe), next };
}

/**
 * Reads the same filter as the page, but refuses an unknown kind. The page shows all kinds instead.
 * @throws Denied
 */
function readFilter(ctx: Context) {
  const kind = queryText(ctx, 'kind');
  if (kind !== '' && !eventGroups.some((one) => one === kind))
    throw invalid('kind', `must be one of ${eventGroups.join(', ')}`);
  return readActivityFilter((name) => queryText(ctx, name === 'app' ? 'client_id' : name));
}

function describe(event: ListedEvent): Specified['AccountEvent'] {
  const { at, kind, clientId, client, grantId, detail } = event;
  return {
    at: at.toISOString(),
    event: kind ?? 'other',
    description: apiTexts(describeEvent(event)),
    client_id: orNull(clientId),
    app: orNull(client?.clientName),
    grant_id: orNull(grantId),
    detail: { ...detail },
  };
}

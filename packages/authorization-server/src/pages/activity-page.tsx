import type { UpstreamCatalogue } from '@aipassport/policy';
import type { ClientIdentity, ListedEvent } from '@aipassport/store/authorization';
import { type ActivityFilter, describeActivityFilter } from '../activity/activity-filter.js';
import { describeChanges } from '../activity/describe-changes.js';
import { describeEvent, type EventGroup, eventGroups } from '../activity/describe-event.js';
import { describeClient } from '../describe-client.js';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { AppName } from './app-name.js';
import { Confirmation } from './confirmation.js';
import { ExportButtons } from './export-buttons.js';
import { renderPage, type SignedIn } from './layout.js';
import { ErrorSummary, EventTime, ForeignText, Notice, type Problem, TimeZoneNote } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';

interface ActivityPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly upstreams: UpstreamCatalogue;
  readonly filter: ActivityFilter;
  /** The apps that can be chosen in the filter. */
  readonly clients: readonly (ClientIdentity & { readonly id: string })[];
  readonly events: readonly ListedEvent[];
  readonly isFirstPage: boolean;
  /** The next page shows the events before this id; undefined on the last page. */
  readonly earlierThan: bigint | undefined;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderActivityPage(props: ActivityPageProps): string {
  const { stylesheet, texts, signedIn, events, filter, notice, problems, timeZone } = props;
  const isFiltered = filter.group !== 'all' || filter.clientId !== undefined;
  return renderPage({
    stylesheet,
    texts,
    title: texts('events.title'),
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={paths.settings}>{texts('settings.title')}</a>
        </p>
        <h1>{texts('events.title')}</h1>
        <p>
          <Text id="events.about" link={<a href={paths.grants} />} />
        </p>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        <FilterForm {...props} />
        <article>
          {events.length === 0 ? (
            <p>
              {isFiltered ? <Text id="events.noneFound" link={<a href={paths.activity} />} /> : texts('events.none')}
            </p>
          ) : (
            <ol class="events">
              {events.map((event) => (
                <Event
                  key={String(event.id)}
                  event={event}
                  upstreams={props.upstreams}
                  timeZone={timeZone}
                  now={props.now}
                />
              ))}
            </ol>
          )}
          <Pages {...props} />
        </article>
        <ExportForm {...props} />
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

const groupTexts: Readonly<Record<EventGroup, FixedId>> = {
  all: 'events.allKinds',
  signIn: 'events.groupSignIn',
  apps: 'events.groupApps',
  keys: 'events.groupKeys',
  account: 'events.groupAccount',
  tokens: 'events.groupTokens',
};

function FilterForm({ filter, clients, texts }: ActivityPageProps) {
  return (
    <form method="get" action={paths.activity} class="filter">
      <div>
        <label for="kind">{texts('events.kind')}</label>
        <select id="kind" name="kind">
          {eventGroups.map((group) => (
            <option key={group} value={group} selected={group === filter.group}>
              {texts(groupTexts[group])}
            </option>
          ))}
        </select>
      </div>
      {clients.length > 0 && (
        <div>
          <label for="app">{texts('events.app')}</label>
          <select id="app" name="app">
            <option value="">{texts('events.allApps')}</option>
            {clients.map((client) => (
              <option key={client.id} value={client.id} selected={client.id === filter.clientId}>
                {describeClient(client, texts)}
              </option>
            ))}
          </select>
        </div>
      )}
      <button type="submit" class="secondary">
        {texts('events.show')}
      </button>
    </form>
  );
}

interface EventProps {
  readonly now: Date;
  readonly event: ListedEvent;
  readonly upstreams: UpstreamCatalogue;
  readonly timeZone: string;
}

function Event({ event, upstreams, timeZone, now }: EventProps) {
  const texts = useTexts();
  const { clientId, client, grantId, detail } = event;
  const upstream = detail['upstream'];
  const name = event.kind?.startsWith('account_token_') === true ? detail['name'] : undefined;
  const program = detail['api_token_name'];
  return (
    <li>
      <div>
        <strong>{texts(describeEvent(event))}</strong>
        {clientId !== undefined && (
          <p>
            <AppName app={client} href={grantId === undefined ? undefined : formatPath(paths.grant, grantId)} />
          </p>
        )}
        {describeChanges(event, { timeZone, texts }).map((change) => (
          <p key={change}>{change}</p>
        ))}
        {typeof upstream === 'string' && <p>{upstreams.labelOf(upstream)}</p>}
        {typeof name === 'string' && (
          <p>
            <ForeignText>{name}</ForeignText>
          </p>
        )}
        {typeof program === 'string' && (
          <p>
            <Text id="events.byToken" name={<ForeignText>{program}</ForeignText>} />
          </p>
        )}
      </div>
      <EventTime at={event.at} timeZone={timeZone} now={now} />
    </li>
  );
}

function Pages({ filter, isFirstPage, earlierThan, texts }: ActivityPageProps) {
  if (isFirstPage && earlierThan === undefined) return null;
  const link = (more: Readonly<Record<string, string>>) =>
    `${paths.activity}?${new URLSearchParams({ ...describeActivityFilter(filter), ...more })}`;
  return (
    <nav class="links" aria-label={texts('common.pages')}>
      {!isFirstPage && <a href={link({})}>{texts('events.latest')}</a>}
      {earlierThan !== undefined && (
        <a rel="next" href={link({ before: String(earlierThan) })}>
          {texts('events.earlier')}
        </a>
      )}
    </nav>
  );
}

function ExportForm({ filter, csrfToken, problems, texts }: ActivityPageProps) {
  return (
    <article>
      <h2>{texts('events.exportTitle')}</h2>
      <form method="post" action={paths.activityExport}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        {Object.entries(describeActivityFilter(filter)).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <p>{texts('events.exportAbout')}</p>
        <Confirmation problems={problems} keepsForm={false} />
        <ExportButtons />
      </form>
    </article>
  );
}

import { accountLimitName } from '@aipassport/contracts';
import type { Upstream, UpstreamCatalogue } from '@aipassport/policy';
import type {
  AccountLimit,
  AppUsage,
  LedgerEntry,
  ListedGrant,
  OpenRequests,
  UsageMonth,
  UsageSummary,
} from '@aipassport/store/authorization';
import { firstPage, type ListPage } from '../account/list-page.js';
import { grantLimitsPath } from '../account/return-to.js';
import { describeClient } from '../describe-client.js';
import { formatPath, paths } from '../endpoints.js';
import type { KeyState } from '../interaction/list-key-states.js';
import { isEndingSoon } from '../limits/is-ending-soon.js';
import type { Message, Texts } from '../texts/texts.js';
import { AllAppsReached } from './all-apps.js';
import { AppHead } from './app-head.js';
import { AppMonth } from './app-month.js';
import { AppMonths } from './app-months.js';
import { AppOrigin } from './app-name.js';
import { ExhaustedNotice, GrantEnd, GrantTimes, Permissions, RevokeForm } from './grant-parts.js';
import { GrantUsage } from './grant-usage.js';
import { GrantsBelow, listGrantsBelow } from './grants-below.js';
import { KeyWarnings } from './key-warnings.js';
import { renderPage, type SignedIn } from './layout.js';
import { PageLinks } from './page-links.js';
import { ForeignText, Notice, Time, TimeZoneNote } from './parts.js';
import { listUpstreamsOf, SimulatedNote, SimulatedSum } from './simulated-note.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';
import { UsagePages, UsageTable } from './usage-table.js';

interface AppPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  /** The CSRF token of the forms that remove access. */
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly upstreams: UpstreamCatalogue;
  /** Which provider key the owner's requests to each AI provider use. */
  readonly keyStates: readonly KeyState[];
  /** The AI providers whose answers to the owner are simulated at present. */
  readonly simulated: readonly Upstream[];
  readonly appId: string;
  /** The app's newest grant, for its name and its hosts. */
  readonly newest: ListedGrant;
  /** The path of the app's logo; undefined when there is none to show. */
  readonly logo: string | undefined;
  readonly live: ListPage<ListedGrant>;
  /** The grants that have ended. */
  readonly past: ListPage<ListedGrant>;
  /** Whether the URL asks for a page of the ended grants. Otherwise their list is closed at first. */
  readonly isPastAsked: boolean;
  /** The grants that the app made from the owner's grants, by token exchange. */
  readonly delegated: readonly ListedGrant[];
  /** The owner's requests in progress. */
  readonly open: readonly OpenRequests[];
  readonly usage: AppUsage;
  /** The present day in the owner's time zone, as YYYY-MM-DD. */
  readonly today: string;
  /** What the app used this month. */
  readonly month: UsageSummary;
  /** What the app used in each of the last months in which it was used, the earliest first. */
  readonly months: readonly UsageMonth[];
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
  readonly entries: readonly LedgerEntry[];
  /** The URL of the page with older requests; undefined when there are none. */
  readonly olderPath: string | undefined;
  readonly isFirstPage: boolean;
  readonly notice: Message | undefined;
}

export function renderAppPage(props: AppPageProps): string {
  const { stylesheet, texts, signedIn, newest, live, past, notice, timeZone, appId } = props;
  const [first] = live.entries;
  return renderPage({
    stylesheet,
    texts,
    title: describeClient(newest, texts),
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={paths.apps}>{texts('apps.title')}</a>
        </p>
        <div class="grant-head">
          <AppHead logo={props.logo}>
            <h1 id="title">
              <ForeignText>{newest.clientName}</ForeignText>
            </h1>
            <AppOrigin app={newest} />
          </AppHead>
          {live.total > 0 && (
            <RevokeForm action={formatPath(paths.appRemoval, appId)} csrfToken={props.csrfToken} describedBy="title" />
          )}
        </div>
        {notice !== undefined && <Notice>{texts.say(notice)}</Notice>}
        {first !== undefined && <AllAppsReached {...props} changePath={grantLimitsPath(first.id, accountLimitName)} />}
        {first === undefined && <p>{texts('connected.none')}</p>}
        {live.total > 1 && <p>{texts('connected.several', { count: live.total })}</p>}
        <KeyWarnings {...props} of={live.entries.flatMap(({ tokens }) => listUpstreamsOf(tokens))} />
        <SimulatedNote {...props} of={live.entries.flatMap(({ tokens }) => listUpstreamsOf(tokens))} />
        {live.entries.map((grant) => (
          <LiveGrant key={grant.id} grant={grant} {...props} />
        ))}
        <PageLinks list={live} path={formatPath(paths.app, appId)} other={past} />
        <AppMonth {...props} />
        <AppMonths {...props} />
        <Total {...props} />
        {past.total > 0 && <Past {...props} />}
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

type GrantProps = AppPageProps & { readonly grant: ListedGrant };

function LiveGrant(props: GrantProps) {
  const { grant, texts, timeZone, live, csrfToken } = props;
  const titleId = `grant-${grant.id}`;
  const limitsPath = formatPath(paths.grantLimits, grant.id);
  return (
    <article class="grant" aria-labelledby={titleId}>
      <h2 id={titleId}>
        <Text id="connected.since" time={<Time at={grant.createdAt} timeZone={timeZone} />} />
      </h2>
      {isEndingSoon(grant, props.now) && (
        <p>
          <span class="badge">{texts('connected.endsSoon')}</span>
        </p>
      )}
      <Permissions grant={grant} upstreams={props.upstreams} />
      <ExhaustedNotice {...props} />
      <dl>
        <GrantUsage {...props} />
        <GrantTimes {...props} />
      </dl>
      <div class="grant-actions">
        <a role="button" href={limitsPath} aria-describedby={titleId}>
          {texts('apps.changeLimits')}
        </a>
        {live.total > 1 && (
          <RevokeForm
            action={formatPath(paths.grantRevocation, grant.id)}
            csrfToken={csrfToken}
            describedBy={titleId}
            text="connected.removeOne"
          />
        )}
      </div>
      <GrantsBelow headingLevel={3} {...props} grantsBelow={firstPage(listGrantsBelow(grant, props.delegated))} />
    </article>
  );
}

/** Everything that the app has used, and its requests. */
function Total({ texts, usage, entries, timeZone, now, upstreams, olderPath, isFirstPage, appId }: AppPageProps) {
  return (
    <article>
      <h2>{texts('apps.activity')}</h2>
      <p>
        <Text
          id="connected.total"
          spent={usage.spent}
          count={usage.requests}
          time={<Time at={usage.connectedAt} timeZone={timeZone} />}
        />
      </p>
      <SimulatedSum simulated={usage.simulated} />
      <UsageTable entries={entries} timeZone={timeZone} now={now} upstreams={upstreams} />
      <UsagePages isFirstPage={isFirstPage} olderPath={olderPath} firstPath={formatPath(paths.app, appId)} />
    </article>
  );
}

function Past(props: AppPageProps) {
  const { texts, past, timeZone } = props;
  return (
    <details class="over" open={props.isPastAsked}>
      <summary>{texts('apps.past', { count: past.total })}</summary>
      {past.entries.map((grant) => (
        <article key={grant.id} class="grant" aria-labelledby={`grant-${grant.id}`}>
          <h2 id={`grant-${grant.id}`}>
            <Text id="connected.since" time={<Time at={grant.createdAt} timeZone={timeZone} />} />
          </h2>
          <GrantEnd grant={grant} timeZone={timeZone} />
          <Permissions grant={grant} upstreams={props.upstreams} />
          <dl>
            <GrantUsage {...props} grant={grant} />
          </dl>
        </article>
      ))}
      <PageLinks list={past} path={formatPath(paths.app, props.appId)} other={props.live} />
    </details>
  );
}

import { nameModel, type ScopeToken, type UpstreamCatalogue } from '@aipassport/policy';
import type { AccountLimit, ListedGrant } from '@aipassport/store/authorization';
import { deriveAppId } from '../account/app-id.js';
import type { ListPage } from '../account/list-page.js';
import type { AppSummary } from '../account/summarize-app.js';
import type { LogoPaths } from '../documents/logos.js';
import { formatPath, paths } from '../endpoints.js';
import type { Message, Texts } from '../texts/texts.js';
import { AllAppsReached } from './all-apps.js';
import { AppOrigin } from './app-name.js';
import { capabilityWords } from './capability-words.js';
import { GrantEnd } from './grant-parts.js';
import { UsageOfLimit } from './grant-usage.js';
import { renderPage, type SignedIn } from './layout.js';
import { PageLinks } from './page-links.js';
import { ForeignText, Notice, RelativeTime, TimeZoneNote } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';

interface AppsPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly timeZone: string;
  readonly now: Date;
  readonly upstreams: UpstreamCatalogue;
  readonly logos: LogoPaths;
  readonly apps: ListPage<AppSummary>;
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
  /** The newest grant of each app that has no access now. */
  readonly past: ListPage<ListedGrant>;
  /** Whether the URL asks for a page of the past access. Otherwise the list of past access is closed at first. */
  readonly isPastAsked: boolean;
  readonly notice: Message | undefined;
}

export function renderAppsPage(props: AppsPageProps): string {
  const { stylesheet, texts, signedIn, apps, past, notice, timeZone, upstreams } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('apps.title'),
    signedIn,
    children: (
      <>
        <h1>{texts('apps.title')}</h1>
        {notice !== undefined && <Notice>{texts.say(notice)}</Notice>}
        {apps.total > 0 && <AllAppsReached {...props} changePath={paths.settings} />}
        {apps.total === 0 && (
          <article class="empty">
            <p>{texts('apps.empty')}</p>
          </article>
        )}
        <ul class="apps">
          {apps.entries.map((app) => (
            <AppRow
              key={app.id}
              app={app}
              logo={props.logos.get(app.clientId)}
              timeZone={timeZone}
              now={props.now}
              upstreams={upstreams}
            />
          ))}
        </ul>
        <PageLinks list={apps} path={paths.apps} other={past} />
        {past.total > 0 && (
          <details class="over" open={props.isPastAsked}>
            <summary>{texts('apps.past', { count: past.total })}</summary>
            <ul class="apps">
              {past.entries.map((grant) => (
                <PastRow key={grant.id} grant={grant} timeZone={timeZone} />
              ))}
            </ul>
            <PageLinks list={past} path={paths.apps} other={apps} />
          </details>
        )}
        {apps.total + past.total > 0 && <TimeZoneNote timeZone={timeZone} />}
        {apps.total > 0 && (
          <p class="links">
            <a href={paths.removeAll}>{texts('connected.removeAllTitle')}</a>
          </p>
        )}
      </>
    ),
  });
}

type AppRowProps = Pick<AppsPageProps, 'timeZone' | 'now' | 'upstreams'> & {
  readonly app: AppSummary;
  /** The path of the app's logo; undefined when there is none to show. */
  readonly logo: string | undefined;
};

function AppRow({ app, logo, timeZone, now, upstreams }: AppRowProps) {
  const texts = useTexts();
  return (
    <li class="app-row">
      {logo !== undefined && <img class="logo" src={logo} alt="" width={36} height={36} />}
      <div class="app-row-head">
        <h2>
          <a href={formatPath(paths.app, app.id)}>
            <ForeignText>{app.clientName}</ForeignText>
          </a>
        </h2>
        <Badge app={app} timeZone={timeZone} now={now} />
      </div>
      <AppOrigin app={app} />
      <p class="app-use">
        {app.maxCost === undefined && app.isMoneyLimited ? (
          texts('limits.usedOnly', { used: app.spent })
        ) : (
          <UsageOfLimit used={app.spent} limit={app.maxCost} label={texts('limits.costBar')} />
        )}
      </p>
      <p class="app-ends">
        <Text id="connected.until" time={<RelativeTime at={app.expiresAt} timeZone={timeZone} now={now} />} />
        {app.openRequests > 0 && ` · ${texts('limits.inProgress', { count: app.openRequests })}`}
      </p>
      <p class="app-what">{listUses(app.tokens, upstreams, texts)}</p>
    </li>
  );
}

/** The most important fact about an app, such as that a limit is used up. */
function Badge({ app, timeZone, now }: Pick<AppRowProps, 'app' | 'timeZone' | 'now'>) {
  const texts = useTexts();
  if (app.isExhausted) return <strong class="badge danger-badge">{texts('connected.limitReached')}</strong>;
  if (app.pausedUntil !== undefined) {
    const day = texts.nearDay(app.pausedUntil, timeZone, now);
    return <strong class="badge danger-badge">{texts('connected.limitReachedUntil', { day })}</strong>;
  }
  return app.isEndingSoon ? <strong class="badge">{texts('connected.endsSoon')}</strong> : null;
}

/** What an app may use, in one line. The page cuts off a long line. */
function listUses(tokens: readonly ScopeToken[], { labelOf }: UpstreamCatalogue, texts: Texts): string {
  const models = tokens.flatMap((token) => {
    if (token.kind === 'capability') return [];
    return token.kind === 'all-models'
      ? [texts('connected.allModels', { provider: labelOf(token.upstream) })]
      : [nameModel(token.modelId)];
  });
  const uses = tokens.flatMap((token) =>
    token.kind === 'capability' ? [texts(capabilityWords[token.capability])] : [],
  );
  return [uses.join(', '), models.join(', ')].filter((part) => part !== '').join(' · ');
}

function PastRow({ grant, timeZone }: { readonly grant: ListedGrant; readonly timeZone: string }) {
  return (
    <li class="app-row">
      <h2>
        <a href={formatPath(paths.app, deriveAppId(grant.clientId))}>
          <ForeignText>{grant.clientName}</ForeignText>
        </a>
      </h2>
      <AppOrigin app={grant} />
      <GrantEnd grant={grant} timeZone={timeZone} />
    </li>
  );
}

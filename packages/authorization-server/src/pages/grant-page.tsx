import { accountLimitName } from '@aipassport/contracts';
import type { Upstream, UpstreamCatalogue } from '@aipassport/policy';
import {
  type AccountLimit,
  type LedgerEntry,
  type ListedGrant,
  listAncestors,
  type OpenRequests,
} from '@aipassport/store/authorization';
import type { AppLink } from '../account/find-app-link.js';
import type { ListPage } from '../account/list-page.js';
import { grantLimitsPath } from '../account/return-to.js';
import { describeClient } from '../describe-client.js';
import { formatPath, paths } from '../endpoints.js';
import type { KeyState } from '../interaction/list-key-states.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { AllAppsReached } from './all-apps.js';
import { AppHead } from './app-head.js';
import { AppName, AppOrigin } from './app-name.js';
import { ExhaustedNotice, GrantEnd, GrantTimes, Permissions, RevokeForm } from './grant-parts.js';
import { GrantUsage, UsageOfLimit } from './grant-usage.js';
import { GrantsBelow } from './grants-below.js';
import { KeyWarnings } from './key-warnings.js';
import { renderPage, type SignedIn } from './layout.js';
import { ForeignText, Notice, TimeZoneNote } from './parts.js';
import { listUpstreamsOf, SimulatedNote } from './simulated-note.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';
import { UsagePages, UsageTable } from './usage-table.js';

interface GrantPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  /** The CSRF token of the form that revokes the grant. */
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly upstreams: UpstreamCatalogue;
  /** Which provider key the owner's requests to each AI provider use. */
  readonly keyStates: readonly KeyState[];
  /** The AI providers whose answers to the owner are simulated at present. */
  readonly simulated: readonly Upstream[];
  readonly grant: ListedGrant;
  /** The path of the client's logo; undefined when there is none to show. */
  readonly logo: string | undefined;
  readonly appPath: string;
  readonly open: readonly OpenRequests[];
  /** The grants that are below this grant. */
  readonly grantsBelow: ListPage<ListedGrant>;
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
  readonly entries: readonly LedgerEntry[];
  /** The path of the page with older requests; undefined when there are none. */
  readonly olderPath: string | undefined;
  readonly isFirstPage: boolean;
  readonly notice: FixedId | undefined;
  /** Whether the owner has just changed the limits. The page then says how to go back to the app. */
  readonly isChanged: boolean;
  /** undefined: no URL of the app is known. */
  readonly appLink: AppLink | undefined;
}

function BackToApp({ appLink, grant }: Pick<GrantPageProps, 'appLink' | 'grant'>) {
  const texts = useTexts();
  if (appLink === undefined)
    return <Text id="connected.back" app={<ForeignText>{describeClient(grant, texts)}</ForeignText>} />;
  const app = <ForeignText>{grant.clientName}</ForeignText>;
  return (
    <a href={appLink.url}>
      <Text id="connected.backTo" app={app} host={<ForeignText>{appLink.host}</ForeignText>} />
    </a>
  );
}

export function renderGrantPage(props: GrantPageProps): string {
  const { stylesheet, texts, signedIn, grant, notice, entries, timeZone } = props;
  return renderPage({
    stylesheet,
    texts,
    title: describeClient(grant, texts),
    signedIn,
    children: (
      <>
        <p class="back">
          <AppName app={grant} href={props.appPath} />
        </p>
        <AppHead logo={props.logo}>
          <h1 id="title">
            <ForeignText>{grant.clientName}</ForeignText>
          </h1>
          <AppOrigin app={grant} />
        </AppHead>
        <MadeFrom grant={grant} />
        {notice !== undefined && (
          <Notice>
            {texts(notice)} {props.isChanged && <BackToApp {...props} />}
          </Notice>
        )}
        {grant.state === 'active' && <KeyWarnings {...props} of={listUpstreamsOf(grant.tokens)} />}
        {grant.state === 'active' ? <LiveGrant {...props} /> : <OverGrant {...props} />}
        <GrantsBelow headingLevel={2} {...props} />
        <article>
          <h2>{texts('apps.activity')}</h2>
          <UsageTable entries={entries} timeZone={timeZone} now={props.now} upstreams={props.upstreams} />
          <UsagePages {...props} firstPath={formatPath(paths.grant, grant.id)} />
        </article>
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

/** Links to the parent grant, if a client made this grant by token exchange. */
function MadeFrom({ grant }: Pick<GrantPageProps, 'grant'>) {
  const parentId = listAncestors(grant.id).at(-1);
  if (parentId === undefined) return null;
  return (
    <p>
      <Text id="apps.partOf" link={<a href={formatPath(paths.grant, parentId)} />} />
    </p>
  );
}

function LiveGrant(props: GrantPageProps) {
  const { grant, texts, csrfToken, accountLimit } = props;
  const limitsPath = formatPath(paths.grantLimits, grant.id);
  return (
    <article class="grant">
      <Permissions grant={grant} upstreams={props.upstreams} />
      <AllAppsReached {...props} changePath={grantLimitsPath(grant.id, accountLimitName)} />
      <ExhaustedNotice {...props} />
      <SimulatedNote {...props} of={listUpstreamsOf(grant.tokens)} />
      <dl>
        <GrantUsage {...props} />
        {accountLimit && (
          <>
            <dt>{texts('apps.allAppsMonth')}</dt>
            <dd>
              <UsageOfLimit
                used={accountLimit.monthCost - accountLimit.reserved}
                limit={accountLimit.maxCostPerMonth}
                label={texts('apps.allAppsBar')}
              />
              <small>
                <Text id="apps.allAppsNote" link={<a href={paths.settings} />} />
              </small>
            </dd>
          </>
        )}
        <GrantTimes {...props} />
      </dl>
      <div class="grant-actions">
        <a role="button" href={limitsPath}>
          {texts('apps.changeLimits')}
        </a>
        <RevokeForm action={formatPath(paths.grantRevocation, grant.id)} csrfToken={csrfToken} describedBy="title" />
      </div>
    </article>
  );
}

function OverGrant(props: GrantPageProps) {
  return (
    <article class="grant">
      <GrantEnd {...props} />
      <p>{props.texts('apps.over')}</p>
      <Permissions {...props} />
      <dl>
        <GrantUsage {...props} />
        <GrantTimes {...props} />
      </dl>
    </article>
  );
}

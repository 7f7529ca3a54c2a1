import type { UpstreamCatalogue } from '@aipassport/policy';
import { type AccountLimit, type LedgerEntry, type ListedGrant, listAncestors } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import { visibleText } from '../text/visible-text.js';
import { ExhaustedNotice, GrantEnd, GrantTimes, Permissions, Place, RevokeForm } from './grant-parts.js';
import { GrantUsage, UsageOfLimit } from './grant-usage.js';
import { HandedOn } from './handed-on.js';
import { renderPage, type SignedIn } from './layout.js';
import { ForeignText, Notice, TimeZoneNote } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { UsageTable } from './usage-table.js';

interface GrantPageProps {
  readonly stylesheet: Stylesheet;
  readonly signedIn: SignedIn;
  /** The CSRF token of the form that revokes the grant. */
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly upstreams: UpstreamCatalogue;
  readonly grant: ListedGrant;
  /** The grants that clients handed on, below the grants that the owner made. */
  readonly delegated: readonly ListedGrant[];
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
  readonly entries: readonly LedgerEntry[];
  readonly notice: string | undefined;
}

export function renderGrantPage(props: GrantPageProps): string {
  const { stylesheet, signedIn, grant, notice, entries, timeZone } = props;
  return renderPage({
    stylesheet,
    title: visibleText(grant.clientName),
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={paths.grants}>All grants</a>
        </p>
        <h1 id="title">
          <ForeignText>{grant.clientName}</ForeignText>
        </h1>
        <Place grant={grant} />
        <MadeFrom grant={grant} />
        {notice !== undefined && <Notice>{notice}</Notice>}
        {grant.state === 'active' ? <LiveGrant {...props} /> : <OverGrant {...props} />}
        <HandedOn headingLevel={2} {...props} />
        <article>
          <h2>Recent use</h2>
          <UsageTable entries={entries} timeZone={timeZone} upstreams={props.upstreams} />
        </article>
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

/** The grant of which this one is a part, if an app has handed it on. */
function MadeFrom({ grant }: Pick<GrantPageProps, 'grant'>) {
  const parentId = listAncestors(grant.id).at(-1);
  if (parentId === undefined) return null;
  return (
    <p>
      The app handed this on to a helper of its own, as a part of{' '}
      <a href={formatPath(paths.grant, parentId)}>another grant</a>. It ends with that grant, and what it uses counts
      there too.
    </p>
  );
}

function LiveGrant(props: GrantPageProps) {
  const { grant, csrfToken, accountLimit } = props;
  const limitsPath = formatPath(paths.grantLimits, grant.id);
  return (
    <article class="grant">
      <Permissions grant={grant} upstreams={props.upstreams} />
      <ExhaustedNotice grant={grant} changePath={limitsPath} />
      <dl>
        <GrantUsage {...props} />
        {accountLimit && (
          <>
            <dt>All apps, this month</dt>
            <dd>
              <UsageOfLimit
                used={accountLimit.monthCost}
                limit={accountLimit.maxCostPerMonth}
                label="Money used by all apps"
              />
              <small>
                Set by you in <a href={paths.settings}>Settings</a>.
              </small>
            </dd>
          </>
        )}
        <GrantTimes {...props} />
      </dl>
      <div class="grant-actions">
        <a role="button" href={limitsPath}>
          Change limits
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
      <p>The app can do nothing with it any more. To go on, connect again from the app.</p>
      <Permissions {...props} />
      <dl>
        <GrantUsage {...props} />
        <GrantTimes {...props} />
      </dl>
    </article>
  );
}

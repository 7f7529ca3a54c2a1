import type { UpstreamCatalogue } from '@aipassport/policy';
import type { ListedGrant } from '@aipassport/store/authorization';
import type { LogoPaths } from '../documents/logos.js';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { AppHead } from './app-head.js';
import { ExhaustedNotice, GrantEnd, GrantTimes, Permissions, Place, RevokeForm } from './grant-parts.js';
import { GrantUsage } from './grant-usage.js';
import { HandedOn } from './handed-on.js';
import { renderPage, type SignedIn } from './layout.js';
import { ForeignText, Notice, TimeZoneNote } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface GrantsPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly upstreams: UpstreamCatalogue;
  readonly grants: readonly ListedGrant[];
  /** The grants that clients made by token exchange, below those in `grants`. */
  readonly delegated: readonly ListedGrant[];
  readonly logos: LogoPaths;
  readonly notice: FixedId | undefined;
}

export function renderGrantsPage(props: GrantsPageProps): string {
  const { stylesheet, texts, signedIn, grants, notice, timeZone } = props;
  const active = grants.filter(({ state }) => state === 'active');
  const over = grants.filter(({ state }) => state !== 'active');
  return renderPage({
    stylesheet,
    texts,
    title: texts('apps.title'),
    signedIn,
    children: (
      <>
        <h1>{texts('apps.title')}</h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        {active.length === 0 && (
          <article class="empty">
            <p>{texts('apps.empty')}</p>
          </article>
        )}
        {active.map((grant) => (
          <ActiveGrant key={grant.id} grant={grant} {...props} />
        ))}
        {over.length > 0 && (
          <details class="over">
            <summary>{texts('apps.past', { count: over.length })}</summary>
            {over.map((grant) => (
              <OverGrant key={grant.id} grant={grant} {...props} />
            ))}
          </details>
        )}
        {grants.length > 0 && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

type GrantProps = GrantsPageProps & { readonly grant: ListedGrant };

function ActiveGrant(props: GrantProps) {
  const { grant, texts, csrfToken } = props;
  const limitsPath = formatPath(paths.grantLimits, grant.id);
  const titleId = `grant-${grant.id}`;
  return (
    <article class="grant" aria-labelledby={titleId}>
      <div class="grant-head">
        <AppHead logo={props.logos.get(grant.clientId)}>
          <h2 id={titleId}>
            <ForeignText>{grant.clientName}</ForeignText>
          </h2>
          <Place grant={grant} />
        </AppHead>
        <RevokeForm action={formatPath(paths.grantRevocation, grant.id)} csrfToken={csrfToken} describedBy={titleId} />
      </div>
      <Permissions grant={grant} upstreams={props.upstreams} />
      <ExhaustedNotice grant={grant} changePath={limitsPath} />
      <dl>
        <GrantUsage {...props} />
        <GrantTimes {...props} />
      </dl>
      <p class="grant-links">
        <a href={limitsPath} aria-describedby={titleId}>
          {texts('apps.changeLimits')}
        </a>
        <a href={formatPath(paths.grant, grant.id)} aria-describedby={titleId}>
          {texts('apps.activity')}
        </a>
      </p>
      <HandedOn headingLevel={3} {...props} />
    </article>
  );
}

function OverGrant(props: GrantProps) {
  const { grant, texts } = props;
  const titleId = `grant-${grant.id}`;
  return (
    <article class="grant" aria-labelledby={titleId}>
      <AppHead logo={props.logos.get(grant.clientId)}>
        <h2 id={titleId}>
          <ForeignText>{grant.clientName}</ForeignText>
        </h2>
        <Place grant={grant} />
      </AppHead>
      <GrantEnd {...props} />
      <Permissions grant={grant} upstreams={props.upstreams} />
      <dl>
        <GrantUsage {...props} />
        <GrantTimes {...props} />
      </dl>
      <p class="grant-links">
        <a href={formatPath(paths.grant, grant.id)} aria-describedby={titleId}>
          {texts('apps.activity')}
        </a>
      </p>
    </article>
  );
}

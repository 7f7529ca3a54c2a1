import type { UpstreamCatalogue } from '@aipassport/policy';
import type { Grant, ListedGrant } from '@aipassport/store/authorization';
import type { ListPage } from '../account/list-page.js';
import { formatPath, paths } from '../endpoints.js';
import { ExhaustedNotice, GrantEnd, GrantTimes, type GrantView, Permissions, RevokeForm } from './grant-parts.js';
import { GrantUsage } from './grant-usage.js';
import { PageLinks } from './page-links.js';
import { ForeignText } from './parts.js';
import { useTexts } from './text.js';

export interface GrantsBelowProps extends GrantView {
  readonly csrfToken: string;
  readonly upstreams: UpstreamCatalogue;
  /** One page of the list of grants below this grant: see `listGrantsBelow`. */
  readonly grantsBelow: ListPage<ListedGrant>;
  /** The level of the section's heading: one more than the level of the heading above it. */
  readonly headingLevel: 2 | 3;
}

/**
 * The grants below a grant, which apps made for other apps by token exchange (RFC 8693): the live ones, then the ended
 * ones.
 *
 * @param delegated all grants of the client that are below a grant of the owner
 */
export function listGrantsBelow({ id: above }: Pick<Grant, 'id'>, delegated: readonly ListedGrant[]) {
  const below = delegated.filter(({ id }) => id.startsWith(`${above}.`));
  return [...below.filter(isActive), ...below.filter((part) => !isActive(part))];
}

const isActive = ({ state }: ListedGrant) => state === 'active';

/**
 * The grants below a grant, each with its limits and its usage. A live grant has a button that ends it. The list of
 * ended grants is collapsed at first.
 */
export function GrantsBelow({ grantsBelow, grant, headingLevel, ...view }: GrantsBelowProps) {
  const texts = useTexts();
  const live = grantsBelow.entries.filter(isActive);
  const over = grantsBelow.entries.filter((part) => !isActive(part));
  if (grantsBelow.total === 0) return null;
  const titleId = `grants-below-${grant.id}`;
  const Title = headingLevel === 2 ? 'h2' : 'h3';
  const PartTitle = headingLevel === 2 ? 'h3' : 'h4';
  return (
    <section class="grants-below" aria-labelledby={titleId}>
      <Title id={titleId}>{texts('apps.sharedTitle')}</Title>
      <p>{texts('apps.sharedAbout')}</p>
      {live.map((part) => (
        <Part key={part.id} part={part} top={grant.id} title={PartTitle} {...view} />
      ))}
      {over.length > 0 && (
        <details class="over" open={grantsBelow.page > 1}>
          <summary>{texts('apps.sharedPast', { count: over.length })}</summary>
          {over.map((part) => (
            <Part key={part.id} part={part} top={grant.id} title={PartTitle} {...view} />
          ))}
        </details>
      )}
      <PageLinks list={grantsBelow} path={formatPath(paths.grant, grant.id)} />
    </section>
  );
}

type PartProps = Omit<GrantsBelowProps, 'grantsBelow' | 'grant' | 'headingLevel'> & {
  readonly part: ListedGrant;
  readonly top: string;
  readonly title: 'h3' | 'h4';
};

function Part({ part, top, title: Title, csrfToken, upstreams, ...view }: PartProps) {
  const texts = useTexts();
  const titleId = `grant-${part.id}`;
  const level = part.id.slice(top.length).split('.').length - 1;
  return (
    <article class={`grant part level-${level}`} aria-labelledby={titleId}>
      <div class="grant-head">
        <Title id={titleId}>
          {part.reason === undefined ? texts('apps.sharedPart') : <ForeignText>{part.reason}</ForeignText>}
        </Title>
        {part.state === 'active' && (
          <RevokeForm action={formatPath(paths.grantRevocation, part.id)} csrfToken={csrfToken} describedBy={titleId} />
        )}
      </div>
      {level > 1 && <p>{texts('apps.sharedAgain')}</p>}
      {part.state !== 'active' && <GrantEnd grant={part} {...view} />}
      <Permissions grant={part} upstreams={upstreams} />
      <ExhaustedNotice grant={part} {...view} />
      <dl>
        <GrantUsage grant={part} {...view} />
        <GrantTimes grant={part} {...view} />
      </dl>
      <p class="links">
        <a href={formatPath(paths.grant, part.id)} aria-describedby={titleId}>
          {texts('apps.activity')}
        </a>
      </p>
    </article>
  );
}

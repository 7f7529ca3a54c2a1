import { Fragment } from 'preact';
import { siteFields } from '../developers/client-entry.js';
import { findShownGrants, findShownUsage } from '../developers/shown-owners.js';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import { clientTypeNames } from './client-form-page.js';
import type { ClientPageProps } from './client-page-props.js';
import { ClientSecrets } from './client-secrets.js';
import { ClientStanding } from './client-standing.js';
import { CopyButtons } from './copy-buttons.js';
import { renderPage } from './layout.js';
import { ErrorSummary, ForeignText, Notice, TimeZoneNote } from './parts.js';
import { ShownOnce } from './shown-once.js';
import { SimulatedPart } from './simulated-note.js';

export function renderClientPage(props: ClientPageProps): string {
  const { stylesheet, texts, signedIn, client, notice, newSecret, problems, timeZone } = props;
  return renderPage({
    stylesheet,
    texts,
    title: client.name,
    signedIn,
    script: props.script,
    children: (
      <>
        <p class="back">
          <a href={paths.developerClients}>{texts('clients.title')}</a>
        </p>
        <h1>
          <ForeignText>{client.name}</ForeignText>
        </h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        {newSecret !== undefined && (
          <ShownOnce
            id="new-secret"
            text="clients.newSecret"
            note="clients.newSecretNote"
            secret={newSecret}
            rows={2}
          />
        )}
        <ErrorSummary problems={problems} />
        <Registration {...props} />
        <Usage {...props} />
        {client.hasSecret && <ClientSecrets {...props} />}
        <Snippets {...props} />
        <Deletion {...props} />
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

const siteNames = {
  site: 'clients.site',
  policy_uri: 'consent.privacyPolicy',
  tos_uri: 'consent.terms',
} as const satisfies Readonly<Record<(typeof siteFields)[number], FixedId>>;

function describeStanding({ isApproved, isBlocked }: ClientPageProps['client']): FixedId {
  if (isBlocked) return 'clients.blocked';
  return isApproved ? 'clients.verified' : 'clients.unverified';
}

function Registration({ texts, client, entry }: ClientPageProps) {
  return (
    <article>
      <h2>{texts('clients.registration')}</h2>
      <dl class="addresses">
        <dt>{texts('clients.clientId')}</dt>
        <dd>
          <code class="copyable">{client.id}</code>
        </dd>
        <dt>{texts('clients.type')}</dt>
        <dd>{texts(clientTypeNames[client.type])}</dd>
        {siteFields
          .filter((field) => entry.sites[field] !== '')
          .map((field) => (
            <Fragment key={field}>
              <dt>{texts(siteNames[field])}</dt>
              <dd>{entry.sites[field]}</dd>
            </Fragment>
          ))}
        {entry.redirectUris.length > 0 && <dt>{texts('clients.redirects')}</dt>}
        {entry.redirectUris.map((uri) => (
          <dd key={uri}>
            <code>{uri}</code>
          </dd>
        ))}
      </dl>
      <ClientStanding client={client} />
      <p class="aside">{texts(describeStanding(client))}</p>
      <p class="links">
        <a href={formatPath(paths.developerClientEdit, client.id)}>{texts('clients.edit')}</a>
      </p>
    </article>
  );
}

function Usage({ texts, client: { usage } }: ClientPageProps) {
  const shown = findShownUsage(usage);
  const live = findShownGrants(usage);
  const isHidden = shown === undefined || live === undefined;
  return (
    <article>
      <h2>{texts('clients.usage')}</h2>
      <table class="figures">
        <tbody>
          <tr>
            <th scope="row">{texts('clients.people')}</th>
            <td>{shown === undefined ? texts('clients.fewPeople') : texts.count(shown.owners)}</td>
          </tr>
          <tr>
            <th scope="row">{texts('clients.live')}</th>
            <td>{live === undefined ? texts('clients.fewPeopleNow') : texts.count(live)}</td>
          </tr>
          {shown !== undefined && (
            <>
              <tr>
                <th scope="row">{texts('clients.requests')}</th>
                <td>{texts.count(shown.requests)}</td>
              </tr>
              <tr>
                <th scope="row">{texts('clients.spent')}</th>
                <td>
                  {texts.tableMoney(shown.cost)}
                  <SimulatedPart cost={shown.simulated.cost} />
                </td>
              </tr>
            </>
          )}
        </tbody>
      </table>
      <p class="aside">{texts(isHidden ? 'clients.usageHidden' : 'clients.usageNote')}</p>
    </article>
  );
}

function Snippets({ texts, snippets }: ClientPageProps) {
  return (
    <article>
      <h2>{texts('clients.snippets')}</h2>
      <p>{texts('clients.snippetsAbout')}</p>
      {snippets.map(({ language, text }) => (
        <details key={language}>
          <summary>{language}</summary>
          <pre class="snippet" id={`snippet-${language}`} tabIndex={0} lang="en">
            <code>{text}</code>
          </pre>
          <CopyButtons of={`snippet-${language}`} />
        </details>
      ))}
    </article>
  );
}

function Deletion({ texts, client, csrfToken }: ClientPageProps) {
  return (
    <article>
      <h2>{texts('clients.deleteTitle')}</h2>
      <p>{texts('clients.deleteAbout')}</p>
      <form method="post" action={formatPath(paths.developerClientDeletion, client.id)}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <button type="submit" class="danger">
          {texts('clients.delete')}
        </button>
      </form>
    </article>
  );
}

import type { OwnedClient } from '@aipassport/store/authorization';
import { findShownGrants } from '../developers/shown-owners.js';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { clientTypeNames } from './client-form-page.js';
import { ClientStanding } from './client-standing.js';
import { renderPage, type SignedIn } from './layout.js';
import { ForeignText, Notice } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { useTexts } from './text.js';

interface ClientsPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly clients: readonly OwnedClient[];
  readonly notice: FixedId | undefined;
}

export function renderClientsPage({ stylesheet, texts, signedIn, clients, notice }: ClientsPageProps): string {
  return renderPage({
    stylesheet,
    texts,
    title: texts('clients.title'),
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={paths.developers}>{texts('developers.title')}</a>
        </p>
        <h1>{texts('clients.title')}</h1>
        <p>{texts('clients.about')}</p>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <article>
          {clients.length === 0 ? (
            <p>{texts('clients.empty')}</p>
          ) : (
            <ul class="keys linked">
              {clients.map(({ id, name, type, usage, ...standing }) => (
                <li key={id}>
                  <div>
                    <strong id={`client-${id}`}>
                      <ForeignText>{name}</ForeignText>
                    </strong>
                    <p>
                      {texts(clientTypeNames[type])} · <Connections usage={usage} />
                    </p>
                    <ClientStanding client={standing} />
                  </div>
                  <a class="row-link" href={formatPath(paths.developerClient, id)} aria-describedby={`client-${id}`}>
                    {texts('clients.open')}
                  </a>
                </li>
              ))}
            </ul>
          )}
          <p class="links">
            <a href={paths.newDeveloperClient}>{texts('clients.register')}</a>
          </p>
        </article>
      </>
    ),
  });
}

function Connections({ usage }: Pick<OwnedClient, 'usage'>) {
  const texts = useTexts();
  const count = findShownGrants(usage);
  return <>{count === undefined ? texts('clients.fewConnections') : texts('clients.connections', { count })}</>;
}

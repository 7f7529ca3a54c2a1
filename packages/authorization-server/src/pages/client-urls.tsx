import { type Client, listRedirectUris } from '@aipassport/store/authorization';
import { Fragment } from 'preact';
import { describePlaces } from '../describe-destination.js';
import { listClientLinks } from '../interaction/client-links.js';
import { ForeignText } from './parts.js';
import { useTexts } from './text.js';

/**
 * Where a client sends people, and the pages that it names as its own. An operator who vouches for the client's name
 * compares them.
 */
export function ClientUrls({ client }: { readonly client: Pick<Client, 'metadata'> }) {
  const texts = useTexts();
  const redirectUris = listRedirectUris(client);
  return (
    <dl class="addresses">
      <dt>{texts('operator.runs')}</dt>
      <dd>
        <strong>
          <ForeignText>{describePlaces(redirectUris, texts)}</ForeignText>
        </strong>
      </dd>
      {redirectUris.length > 0 && <dt>{texts('clients.redirects')}</dt>}
      {redirectUris.map((uri) => (
        <dd key={uri}>
          <code>
            <ForeignText>{uri}</ForeignText>
          </code>
        </dd>
      ))}
      {listClientLinks(client.metadata).map(({ title, url }) => (
        <Fragment key={title}>
          <dt>{texts(title)}</dt>
          <dd>
            <ForeignText>{url}</ForeignText>
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

import type { ListedIdentity } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import { NoticeWithLink } from './notice-with-link.js';
import { BackToSecurity, ErrorSummary, ForeignText, type Problem, Shown } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

/** One identity provider, as the owner sees it. */
export interface ListedProvider {
  readonly name: string;
  readonly label: string;
  /** The owner's account at the identity provider; undefined when none is connected. */
  readonly identity: ListedIdentity | undefined;
  readonly isReachable: boolean;
}

interface IdentitiesPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
  readonly providers: readonly ListedProvider[];
  /** The provider whose form asks for a confirmation. */
  readonly changing?: string;
}

export function renderIdentitiesPage(props: IdentitiesPageProps): string {
  const { stylesheet, texts, signedIn, notice, problems, providers } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('identity.title'),
    signedIn,
    children: (
      <>
        <BackToSecurity />
        <h1>{texts('identity.title')}</h1>
        <p>{texts('identity.about')}</p>
        <NoticeWithLink notice={notice} />
        <ErrorSummary problems={problems} />
        {providers.length === 0 && <p>{texts('identity.none')}</p>}
        {providers.map((provider) => (
          <Provider key={provider.name} provider={provider} {...props} />
        ))}
      </>
    ),
  });
}

function Provider({
  provider,
  texts,
  csrfToken,
  problems,
  changing,
}: IdentitiesPageProps & { readonly provider: ListedProvider }) {
  const { name, label, identity, isReachable } = provider;
  const isConnected = identity !== undefined;
  const path = isConnected ? paths.identityRemoval : paths.identityConnection;
  return (
    <article>
      <h2>{label}</h2>
      <p>
        {identity?.email !== undefined ? (
          <Text id="identity.connectedAs" email={<ForeignText>{identity.email}</ForeignText>} />
        ) : (
          texts(isConnected ? 'identity.isConnected' : 'identity.notConnected')
        )}
      </p>
      {isConnected || isReachable ? (
        <form method="post" action={formatPath(path, name)}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          {identity && <Shown values={identity.createdAt} />}
          {changing === name && <Confirmation problems={problems} />}
          <button type="submit" class={isConnected ? 'secondary' : undefined}>
            {texts(isConnected ? 'identity.remove' : 'identity.connect', { provider: label })}
          </button>
        </form>
      ) : (
        <p>{texts('identity.unreachable', { provider: label })}</p>
      )}
    </article>
  );
}

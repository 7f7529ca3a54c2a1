import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import { BackToSecurity, ErrorSummary, Notice, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

/** One identity provider, as the owner sees it. */
export interface ListedProvider {
  readonly name: string;
  readonly label: string;
  readonly isConnected: boolean;
  /** The e-mail address of the owner's account at the identity provider; undefined when it is not known. */
  readonly email: string | undefined;
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
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
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
}: IdentitiesPageProps & { readonly provider: ListedProvider }) {
  const { name, label, isConnected, email, isReachable } = provider;
  const path = isConnected ? paths.identityRemoval : paths.identityConnection;
  return (
    <article>
      <h2>{label}</h2>
      <p>
        {isConnected && email !== undefined
          ? texts('identity.connectedAs', { email })
          : texts(isConnected ? 'identity.isConnected' : 'identity.notConnected')}
      </p>
      {isConnected || isReachable ? (
        <form method="post" action={formatPath(path, name)}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <Confirmation problems={problems} />
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

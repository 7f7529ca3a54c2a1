import type { ListedToken, TokenScope } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { AccountTokenForm, type TokenEntry } from './account-token-form.js';
import { CopyButtons } from './copy-buttons.js';
import { DangerForm } from './danger-form.js';
import { renderPage, type SignedIn } from './layout.js';
import type { PageScript } from './page-script.js';
import {
  BackToSecurity,
  ErrorSummary,
  ForeignText,
  Notice,
  type Problem,
  RelativeTime,
  Time,
  TimeZoneNote,
} from './parts.js';
import { ShownOnce } from './shown-once.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface AccountTokensPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  /** Copies the new token; undefined when there is no new token. */
  readonly script: PageScript | undefined;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly issuer: string;
  /** Whether the owner may give a token the rights of an operator. */
  readonly isOperator: boolean;
  readonly tokens: readonly ListedToken[];
  /** SECRET. The token that was just made. It is shown only once. */
  readonly newToken: string | undefined;
  readonly isRemoved: boolean;
  readonly entry: TokenEntry;
  readonly problems: readonly Problem[];
}

export function renderAccountTokensPage(props: AccountTokensPageProps): string {
  const { stylesheet, texts, signedIn, newToken, isRemoved, problems, tokens, timeZone } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('tokens.title'),
    signedIn,
    script: props.script,
    children: (
      <>
        <BackToSecurity />
        <h1>{texts('tokens.title')}</h1>
        <p>
          <Text id="tokens.about" link={<a href={formatPath(paths.reference, 'authorization-server')} />} />
        </p>
        {isRemoved && <Notice>{texts('tokens.removed')}</Notice>}
        {newToken !== undefined && <NewToken {...props} newToken={newToken} />}
        <ErrorSummary problems={problems} />
        <article>
          <h2>{texts('tokens.listTitle')}</h2>
          {tokens.length === 0 ? (
            <p>{texts('tokens.empty')}</p>
          ) : (
            <ul class="keys">
              {tokens.map((token) => (
                <Item key={token.id} token={token} {...props} />
              ))}
            </ul>
          )}
          <p class="aside">{texts('tokens.ends')}</p>
        </article>
        <AccountTokenForm {...props} />
        {tokens.length > 0 && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

function NewToken({ newToken, texts, issuer }: AccountTokensPageProps & { readonly newToken: string }) {
  return (
    <>
      <Notice>{texts('tokens.created')}</Notice>
      <ShownOnce id="new-token" text="tokens.new" note="tokens.newNote" secret={newToken} rows={2}>
        <p>{texts('tokens.tryIt')}</p>
        <pre class="snippet" id="try-token" tabIndex={0} lang="en">
          <code>{`curl -sS ${issuer}${paths.apiAccount} \\\n  -H "authorization: Bearer $AIPASSPORT_TOKEN"`}</code>
        </pre>
        <CopyButtons of="try-token" />
      </ShownOnce>
    </>
  );
}

function Item({ token, texts, csrfToken, timeZone, now }: AccountTokensPageProps & { readonly token: ListedToken }) {
  const { id, name, createdAt, expiresAt, lastUsedAt, isExpired } = token;
  const nameId = `token-${id}`;
  return (
    <li>
      <div>
        <strong id={nameId}>
          <ForeignText>{name}</ForeignText>
        </strong>
        <p>{token.scopes.map((scope) => texts(scopeTexts[scope])).join(' ')}</p>
        {token.adminScopes.length > 0 && (
          <p>
            <Text id="tokens.canAdminister" scopes={<code lang="en">{token.adminScopes.join(' ')}</code>} />
          </p>
        )}
        <p>
          <Text
            id={isExpired ? 'tokens.expired' : 'tokens.live'}
            expires={<Time at={expiresAt} timeZone={timeZone} />}
            created={<RelativeTime at={createdAt} timeZone={timeZone} now={now} />}
          />{' '}
          {lastUsedAt === undefined ? (
            texts('tokens.unused')
          ) : (
            <Text id="tokens.used" used={<RelativeTime at={lastUsedAt} timeZone={timeZone} now={now} />} />
          )}
        </p>
      </div>
      <DangerForm action={formatPath(paths.accountTokenRemoval, id)} csrfToken={csrfToken} describedBy={nameId}>
        {texts('tokens.remove')}
      </DangerForm>
    </li>
  );
}

const scopeTexts: Readonly<Record<TokenScope, FixedId>> = {
  read: 'tokens.canRead',
  manage: 'tokens.canManage',
  developer: 'tokens.canDevelop',
  operator: 'tokens.canOperate',
};

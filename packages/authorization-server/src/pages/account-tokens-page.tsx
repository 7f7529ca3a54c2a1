import { type AdminScope, adminScopes, type ListedToken, type TokenScope } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { CopyButtons } from './copy-buttons.js';
import { DangerForm } from './danger-form.js';
import { renderPage, type SignedIn } from './layout.js';
import type { PageScript } from './page-script.js';
import {
  BackToSecurity,
  described,
  ErrorSummary,
  FieldProblem,
  ForeignText,
  invalidity,
  Notice,
  type Problem,
  RelativeTime,
  Time,
  TimeZoneNote,
} from './parts.js';
import { ShownOnce } from './shown-once.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

/** What the owner can let a token do besides reading. */
export const tokenPermissions = ['manage', 'developer', 'operator'] as const satisfies readonly TokenScope[];

/** What the owner enters in the form for a new token. */
export interface TokenEntry {
  readonly name: string;
  /** What the token may do besides reading. */
  readonly permissions: readonly (typeof tokenPermissions)[number][];
  /** What the token may do through the admin API. */
  readonly adminScopes: readonly AdminScope[];
  readonly lifetimeDays: string;
}

interface AccountTokensPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  /** Copies the new token. undefined: there is none. */
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

const lifetimes: readonly number[] = [7, 30, 90, 365];
const daySeconds = 86_400;

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
        <CreateForm {...props} />
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

function CreateForm({ texts, csrfToken, isOperator, entry, problems }: AccountTokensPageProps) {
  return (
    <article>
      <h2>{texts('tokens.createTitle')}</h2>
      <form method="post" action={paths.accountTokens}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <label for="name">{texts('tokens.name')}</label>
        <input
          id="name"
          name="name"
          required
          maxLength={60}
          value={entry.name}
          autocomplete="off"
          {...described(problems, 'name')}
        />
        <FieldProblem problems={problems} field="name" />
        <small id="name-hint">{texts('tokens.nameHint')}</small>
        <fieldset id="permissions">
          <legend>{texts('tokens.permissions')}</legend>
          <p>{texts('tokens.read')}</p>
          <Permission value="manage" text="tokens.manage" entry={entry} texts={texts} />
          <Permission
            value="developer"
            text="tokens.developer"
            warning="tokens.developerWarning"
            entry={entry}
            texts={texts}
          />
          {isOperator && <Permission value="operator" text="tokens.operator" entry={entry} texts={texts} />}
          {isOperator && <AdminScopes entry={entry} texts={texts} />}
          <FieldProblem problems={problems} field="permissions" />
        </fieldset>
        <label for="lifetime_days">{texts('tokens.validFor')}</label>
        <select id="lifetime_days" name="lifetime_days" required {...invalidity(problems, 'lifetime_days')}>
          {lifetimes.map((days) => (
            <option key={days} value={days} selected={String(days) === entry.lifetimeDays}>
              {texts.duration(days * daySeconds)}
            </option>
          ))}
        </select>
        <FieldProblem problems={problems} field="lifetime_days" />
        <Confirmation problems={problems} />
        <button type="submit">{texts('tokens.create')}</button>
      </form>
    </article>
  );
}

function AdminScopes({ entry, texts }: Pick<AccountTokensPageProps, 'entry' | 'texts'>) {
  return (
    <details open={entry.adminScopes.length > 0}>
      <summary>{texts('tokens.admin')}</summary>
      <p>{texts('tokens.adminAbout')}</p>
      {adminScopes.map((scope) => (
        <div key={scope} class="choice">
          <label>
            <input type="checkbox" name="admin_scopes" value={scope} checked={entry.adminScopes.includes(scope)} />
            <code lang="en">{scope}</code>
          </label>
        </div>
      ))}
    </details>
  );
}

interface PermissionProps {
  readonly value: TokenEntry['permissions'][number];
  readonly text: FixedId;
  readonly warning?: FixedId;
  readonly entry: TokenEntry;
  readonly texts: Texts;
}

function Permission({ value, text, warning, entry, texts }: PermissionProps) {
  const warningId = `${value}-warning`;
  return (
    <div class="choice">
      <label>
        <input
          type="checkbox"
          name="permissions"
          value={value}
          checked={entry.permissions.includes(value)}
          aria-describedby={warning === undefined ? undefined : warningId}
        />
        {texts(text)}
      </label>
      {warning !== undefined && (
        <small id={warningId} class="warning">
          {texts(warning)}
        </small>
      )}
    </div>
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

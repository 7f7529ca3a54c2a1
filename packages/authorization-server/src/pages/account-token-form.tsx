import { type AdminScope, adminScopes, type TokenScope } from '@aipassport/store/authorization';
import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { described, FieldProblem, invalidity, type Problem } from './parts.js';

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

interface AccountTokenFormProps {
  readonly texts: Texts;
  readonly csrfToken: string;
  /** Whether the owner may give a token the rights of an operator. */
  readonly isOperator: boolean;
  readonly entry: TokenEntry;
  readonly problems: readonly Problem[];
}

const lifetimes: readonly number[] = [7, 30, 90, 365];
const daySeconds = 86_400;

/** The form for a new API token. */
export function AccountTokenForm({ texts, csrfToken, isOperator, entry, problems }: AccountTokenFormProps) {
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

function AdminScopes({ entry, texts }: Pick<AccountTokenFormProps, 'entry' | 'texts'>) {
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

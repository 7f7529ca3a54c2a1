import type { ListedPasskey } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import { NoticeWithLink } from './notice-with-link.js';
import type { PageScript } from './page-script.js';
import {
  BackToSecurity,
  ErrorSummary,
  FieldProblem,
  ForeignText,
  invalidity,
  type Problem,
  RelativeTime,
  Shown,
  TimeZoneNote,
} from './parts.js';
import { PasskeyButton } from './passkey-button.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface PasskeysPageProps {
  readonly stylesheet: Stylesheet;
  readonly script: PageScript;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly passkeys: readonly ListedPasskey[];
  /** The name that is proposed for a new passkey. */
  readonly newName: string;
  /** A name that was refused, and the passkey that it was for. */
  readonly typedName?: { readonly of: string; readonly name: string };
  /** Whether the last sign-in is recent enough to add a passkey. */
  readonly mayAdd: boolean;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderPasskeysPage(props: PasskeysPageProps): string {
  const { stylesheet, script, texts, signedIn, notice, problems, passkeys, mayAdd, timeZone } = props;
  return renderPage({
    stylesheet,
    script,
    texts,
    title: texts('passkeys.title'),
    signedIn,
    children: (
      <>
        <BackToSecurity />
        <h1>{texts('passkeys.title')}</h1>
        <p>{texts('passkeys.about')}</p>
        <NoticeWithLink notice={notice} />
        <ErrorSummary problems={problems} />
        <article>
          {passkeys.length === 0 ? (
            <p>{texts('passkeys.none')}</p>
          ) : (
            <ul class="keys">
              {passkeys.map((passkey) => (
                <Item key={passkey.id} passkey={passkey} {...props} />
              ))}
            </ul>
          )}
        </article>
        {mayAdd && <AddForm {...props} />}
        {!mayAdd && <ConfirmForm {...props} />}
        {passkeys.length > 0 && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

function AddForm({ texts, csrfToken, newName, problems }: PasskeysPageProps) {
  return (
    <article>
      <h2>{texts('passkeys.addTitle')}</h2>
      <noscript>
        <p>{texts('passkeys.needsScript')}</p>
      </noscript>
      <form method="post" action={paths.passkeys}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <label for="name">{texts('passkeys.name')}</label>
        <input
          id="name"
          name="name"
          value={newName}
          maxLength={60}
          autocomplete="off"
          required
          {...invalidity(problems, 'name')}
        />
        <FieldProblem problems={problems} field="name" />
        <PasskeyButton act="create" text="passkeys.add" needs="name" />
      </form>
    </article>
  );
}

/** Asks for a recent sign-in before a passkey can be added. */
function ConfirmForm({ texts, signedIn, csrfToken, problems }: PasskeysPageProps) {
  return (
    <article>
      <h2>{texts('passkeys.addTitle')}</h2>
      <p>{texts('passkeys.confirmFirst')}</p>
      <form method="post" action={paths.passkeys}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Confirmation problems={problems} isAsked />
        {signedIn.confirmWays.hasPassword && <button type="submit">{texts('passkeys.goOn')}</button>}
      </form>
    </article>
  );
}

function Item(props: PasskeysPageProps & { readonly passkey: ListedPasskey }) {
  const { passkey, texts, csrfToken, timeZone, now, typedName, problems } = props;
  const { id, name, createdAt, lastUsedAt } = passkey;
  const nameId = `passkey-${id}`;
  const created = <RelativeTime at={createdAt} timeZone={timeZone} now={now} />;
  return (
    <li class="passkey">
      <div>
        <strong id={nameId}>
          <ForeignText>{name}</ForeignText>
        </strong>
        <p>
          {lastUsedAt === undefined ? (
            <Text id="passkeys.unused" created={created} />
          ) : (
            <Text
              id="passkeys.used"
              created={created}
              used={<RelativeTime at={lastUsedAt} timeZone={timeZone} now={now} />}
            />
          )}
        </p>
        <details open={problems.some(({ field }) => field === `name-${id}`)}>
          <summary aria-describedby={nameId}>{texts('passkeys.rename')}</summary>
          <form method="post" action={formatPath(paths.passkeyName, id)}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <Shown values={name} />
            <label for={`name-${id}`}>{texts('passkeys.name')}</label>
            <input
              id={`name-${id}`}
              name="name"
              value={typedName?.of === id ? typedName.name : name}
              maxLength={60}
              autocomplete="off"
              required
              {...invalidity(problems, `name-${id}`)}
            />
            <FieldProblem problems={problems} field={`name-${id}`} />
            <button type="submit">{texts('common.save')}</button>
          </form>
        </details>
      </div>
      <form method="post" action={formatPath(paths.passkeyRemoval, id)}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <button type="submit" class="danger" aria-describedby={nameId}>
          {texts('passkeys.remove')}
        </button>
      </form>
    </li>
  );
}

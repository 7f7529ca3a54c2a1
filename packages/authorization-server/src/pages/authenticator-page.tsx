import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { CodeField } from './code-field.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import { BackToSecurity, ErrorSummary, Notice, type Problem, Shown, Time, TimeZoneNote } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

/** SECRET: what the owner's authenticator app needs. */
interface AppSetup {
  /** base32 */
  readonly secret: string;
  /** The URL of a picture: the QR code. */
  readonly picture: string;
}

interface AuthenticatorPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  /** Undefined: sign-ins need no code. */
  readonly confirmedAt: Date | undefined;
  /** Present while the owner is setting up an app. */
  readonly setup: AppSetup | undefined;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderAuthenticatorPage(props: AuthenticatorPageProps): string {
  const { stylesheet, texts, signedIn, notice, problems, confirmedAt, setup, timeZone } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('authenticator.title'),
    signedIn,
    children: (
      <>
        <BackToSecurity />
        <h1>{texts('authenticator.title')}</h1>
        <p>{texts('authenticator.about')}</p>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        {confirmedAt !== undefined ? (
          <Removal {...props} confirmedAt={confirmedAt} />
        ) : setup !== undefined ? (
          <Setup {...props} setup={setup} />
        ) : (
          <Start {...props} />
        )}
        {confirmedAt !== undefined && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

function Start({ texts, csrfToken, problems }: AuthenticatorPageProps) {
  return (
    <article>
      <form method="post" action={paths.authenticator}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Confirmation problems={problems} />
        <button type="submit">{texts('authenticator.start')}</button>
      </form>
    </article>
  );
}

function Setup({ texts, csrfToken, problems, setup }: AuthenticatorPageProps & { readonly setup: AppSetup }) {
  return (
    <article>
      <p>{texts('authenticator.scan')}</p>
      <img class="qr-code" src={setup.picture} width="220" height="220" alt={texts('authenticator.picture')} />
      <p>
        <Text id="authenticator.orType" secret={<code>{setup.secret.match(/.{4}/g)?.join(' ')}</code>} />
      </p>
      <form method="post" action={paths.authenticatorConfirmation} autocomplete="off">
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <CodeField text="authenticator.firstCode" problems={problems} />
        <Confirmation problems={problems} keepsForm={false} />
        <button type="submit">{texts('authenticator.turnOn')}</button>
      </form>
      <p class="aside">{texts('authenticator.note')}</p>
    </article>
  );
}

function Removal(props: AuthenticatorPageProps & { readonly confirmedAt: Date }) {
  const { texts, csrfToken, problems, confirmedAt, timeZone } = props;
  return (
    <article>
      <p>
        <Text id="authenticator.on" since={<Time at={confirmedAt} timeZone={timeZone} />} />
      </p>
      <form method="post" action={paths.authenticatorRemoval}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Shown values={confirmedAt} />
        <Confirmation problems={problems} />
        <button type="submit" class="danger">
          {texts('authenticator.turnOff')}
        </button>
      </form>
    </article>
  );
}

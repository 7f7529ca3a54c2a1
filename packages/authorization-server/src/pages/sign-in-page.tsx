import type { CreationState } from '../account/account-creation-state.js';
import type { SignInReason } from '../account/return-to.js';
import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { CarryButton } from './carry-button.js';
import { EmailField } from './email-field.js';
import { IdentityLinks, type OfferedProvider } from './identity-links.js';
import { renderPage } from './layout.js';
import { NewPasswordField } from './new-password-field.js';
import { NoticeWithLink } from './notice-with-link.js';
import type { PageScript } from './page-script.js';
import { ErrorSummary, ForeignText, PasswordField, type Problem } from './parts.js';
import { PasskeyButton } from './passkey-button.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

export interface CredentialsPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly csrfToken: string;
  /** The form token for the buttons that carry the typed e-mail address to another page. */
  readonly carryEmailToken: string;
  readonly returnTo: string;
  readonly email: string;
  /** The name or host of the app that waits for this sign-in. Undefined when there is none that can be named safely. */
  readonly appName: string | undefined;
  readonly problems: readonly Problem[];
  /** Uses passkeys; undefined where passkeys cannot be used. */
  readonly script: PageScript | undefined;
  /** Fills in the browser's time zone. */
  readonly timeZoneScript: PageScript;
}

interface SignInPageProps extends CredentialsPageProps {
  /** Why an owner who is signed in is asked; undefined for a visitor. */
  readonly reason: SignInReason | undefined;
  /** The e-mail address of the account that is signed in, if the owner wants to use another one. */
  readonly signedInAs: string | undefined;
  readonly notice: FixedId | undefined;
  readonly identityProviders: readonly OfferedProvider[];
  /** Whether this browser may create an account. */
  readonly creation: CreationState['kind'];
}

/** The form with the e-mail address that is carried to the other pages for visitors. */
const formId = 'visitor';

export function renderSignInPage(props: SignInPageProps): string {
  const {
    stylesheet,
    texts,
    csrfToken,
    carryEmailToken,
    returnTo,
    email,
    appName,
    problems,
    reason,
    notice,
    creation,
    identityProviders,
    script,
  } = props;
  const again = reason === 'again';
  return renderPage({
    stylesheet,
    script,
    timeZoneScript: props.timeZoneScript,
    texts,
    title: texts(again ? 'signIn.again' : 'signIn.title'),
    children: (
      <article class="narrow">
        <h1>{texts(again ? 'signIn.again' : 'signIn.title')}</h1>
        <NoticeWithLink notice={notice} />
        {props.signedInAs !== undefined && (
          <p>
            <Text id="signIn.otherAccount" email={<strong>{props.signedInAs}</strong>} />
          </p>
        )}
        <Reason appName={appName} />
        <ErrorSummary problems={problems} />
        {script && <PasskeySignIn {...props} />}
        <form id={formId} method="post" action={paths.signIn}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="return_to" value={returnTo} />
          <input type="hidden" name="time_zone" value="" />
          {reason && <input type="hidden" name={reason} value="true" />}
          <EmailField email={email} problems={problems} autocomplete={script ? 'username webauthn' : 'username'} />
          <PasswordField isRequired />
          <button type="submit">{texts('signIn.submit')}</button>
        </form>
        <p class="aside">
          <Text
            id={script ? 'signIn.forgottenOrLost' : 'signIn.forgotten'}
            link={<CarryButton form={formId} to={paths.forgottenPassword} token={carryEmailToken} />}
          />
        </p>
        <IdentityLinks providers={identityProviders} returnTo={returnTo} reason={reason} />
        {!again && <NewHere creation={creation} carryEmailToken={carryEmailToken} />}
      </article>
    ),
  });
}

function PasskeySignIn({ texts, csrfToken, returnTo, reason }: SignInPageProps) {
  return (
    <div class="passkey-first" data-passkey-part hidden>
      <form method="post" action={paths.passkeySignIn}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <input type="hidden" name="time_zone" value="" />
        <input type="hidden" name="return_to" value={returnTo} />
        {reason && <input type="hidden" name={reason} value="true" />}
        <PasskeyButton act="get" text="passkeys.signIn" isAutofill />
      </form>
      <p class="or">{texts('passkeys.orPassword')}</p>
    </div>
  );
}

function NewHere({ creation, carryEmailToken }: Pick<SignInPageProps, 'creation' | 'carryEmailToken'>) {
  const link = <CarryButton form={formId} to={paths.createAccount} token={carryEmailToken} />;
  switch (creation) {
    case 'open':
    case 'invited':
      return (
        <p class="aside">
          <Text id="signIn.newHere" link={link} />
        </p>
      );
    case 'off':
      return (
        <p class="aside">
          <Text id="signIn.newHereClosed" />
        </p>
      );
    case 'uninvited':
    case 'invitation_over':
      return (
        <p class="aside">
          <Text id="signIn.newHereInvited" link={link} />
        </p>
      );
  }
}

export function renderCreateAccountPage(props: CredentialsPageProps): string {
  const { stylesheet, texts, script, timeZoneScript, csrfToken, carryEmailToken, returnTo, email, appName, problems } =
    props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('signIn.createTitle'),
    script,
    timeZoneScript,
    children: (
      <article class="narrow">
        <h1>{texts('signIn.createTitle')}</h1>
        <Reason appName={appName} />
        <ErrorSummary problems={problems} />
        <form id={formId} method="post" action={paths.createAccount}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="time_zone" value="" />
          <input type="hidden" name="return_to" value={returnTo} />
          <EmailField email={email} problems={problems} />
          {script && (
            <div class="passkey-first" data-passkey-part hidden>
              <PasskeyButton act="begin" text="signIn.createWithPasskey" needs="email" />
              <p class="aside">{texts('signIn.passkeyHint')}</p>
              <p class="or">{texts('signIn.orPassword')}</p>
            </div>
          )}
          <NewPasswordField field="password" problems={problems} />
          <button type="submit">{texts('signIn.createSubmit')}</button>
        </form>
        <p class="aside">
          <Text
            id="signIn.haveAccount"
            link={<CarryButton form={formId} to={paths.signIn} token={carryEmailToken} />}
          />
        </p>
      </article>
    ),
  });
}

function Reason({ appName }: { readonly appName: string | undefined }) {
  return (
    <p>
      {appName === undefined ? (
        <Text id="signIn.about" />
      ) : (
        <Text id="signIn.forApp" name={<ForeignText>{appName}</ForeignText>} app={<strong />} />
      )}
    </p>
  );
}

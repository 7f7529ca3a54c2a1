import type { ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import { signInPath } from '../account/return-to.js';
import { ConfirmWaysContext } from './confirm-ways.js';
import { PagePath } from './page-path.js';
import { FieldProblem, PasswordField, type Problem } from './parts.js';
import { PasskeyButton } from './passkey-button.js';
import { Text } from './text.js';

interface ConfirmationProps {
  readonly problems: readonly Problem[];
  /**
   * Whether the form asks for the password from the start. Forms into which the owner types a secret do this, because a
   * form that is shown again does not repeat the secret, so the owner would have to type it twice.
   */
  readonly isAsked?: boolean;
  /**
   * The page to which the owner comes back after signing in again instead of typing the password. By default, this
   * page.
   */
  readonly returnTo?: string | undefined;
  /**
   * Whether the server keeps the entries of the form while the owner signs in again: see `takeForm` and `leavePage`. If
   * so, the form has a button for this instead of a link, because a link would not send the entries. By default, forms
   * without a secret are kept.
   */
  readonly keepsForm?: boolean;
}

/**
 * The part of a form that asks for the password, or for a passkey if the account has no password. It is shown from the
 * start if `isAsked` is set. Otherwise it is shown when the server has answered that the form requires a recent
 * sign-in, which is a problem of the field `password`.
 */
export function Confirmation({ problems, isAsked = false, returnTo, keepsForm = !isAsked }: ConfirmationProps) {
  const page = useContext(PagePath);
  const { hasPassword, passkeyScript } = useContext(ConfirmWaysContext);
  if (!isAsked && !problems.some(({ field }) => field === 'password')) return null;
  return (
    <fieldset class="confirmation">
      <legend>
        <Text id="password.confirmTitle" />
      </legend>
      {keepsForm && <EnterButton />}
      {hasPassword ? <PasswordField problems={problems} isRequired={isAsked} /> : <NoPassword problems={problems} />}
      {passkeyScript && (
        <PasskeyButton act="get" text={hasPassword ? 'passkeys.useOne' : 'passkeys.use'} isSecondary={hasPassword} />
      )}
      <p class="aside">
        <Text
          id={hasPassword ? 'password.otherWay' : 'password.anotherWay'}
          link={keepsForm ? <LeaveButton /> : <a href={signInPath(returnTo ?? page, 'again')} />}
        />
      </p>
    </fieldset>
  );
}

/** Shows the problem in place of the password's field, for an account without a password. */
function NoPassword({ problems }: Pick<ConfirmationProps, 'problems'>) {
  return (
    <div id="password" class="no-password" tabIndex={-1}>
      <FieldProblem problems={problems} field="password" />
    </div>
  );
}

/**
 * The Enter key presses this button, because it is the first button of the form. It sends the form as the last button
 * does. The form of a decision has another button before this one: see `UpdateButton`.
 */
function EnterButton() {
  return <button type="submit" class="enter-key" tabIndex={-1} aria-hidden="true" />;
}

function LeaveButton({ children }: { readonly children?: ComponentChildren }) {
  return (
    <button type="submit" name="sign_in_again" value="yes" formNoValidate class="link-button">
      {children}
    </button>
  );
}

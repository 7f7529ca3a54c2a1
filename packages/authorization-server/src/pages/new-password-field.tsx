import { maxPasswordLength, minPasswordLength } from '../account/password-policy.js';
import { described, FieldProblem, type Problem } from './parts.js';
import { Text } from './text.js';

/** The field for a new password, with the advice for choosing one. */
export function NewPasswordField({ problems }: { readonly problems: readonly Problem[] }) {
  const field = 'new_password';
  return (
    <>
      <label for={field}>
        <Text id="password.new" />
      </label>
      <input
        id={field}
        name={field}
        type="password"
        autocomplete="new-password"
        minLength={minPasswordLength}
        maxLength={maxPasswordLength}
        required
        {...described(problems, field)}
      />
      <FieldProblem problems={problems} field={field} />
      <small id={`${field}-hint`}>
        <Text id="signIn.passwordHint" />
      </small>
    </>
  );
}

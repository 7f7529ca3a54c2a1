import { maxPasswordLength, minPasswordLength } from '../account/password-policy.js';
import { described, FieldProblem, type Problem } from './parts.js';
import { Text } from './text.js';

interface NewPasswordFieldProps {
  readonly problems: readonly Problem[];
  /** `password`: the first password of an account. */
  readonly field?: 'new_password' | 'password';
}

/** The field for a new password, with the advice for choosing one. */
export function NewPasswordField({ problems, field = 'new_password' }: NewPasswordFieldProps) {
  return (
    <>
      <label for={field}>
        <Text id={field === 'password' ? 'common.password' : 'password.new'} />
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

import type { FixedId } from '../texts/texts.js';
import { FieldProblem, invalidity, type Problem } from './parts.js';
import { Text } from './text.js';

interface EmailFieldProps {
  readonly email: string;
  readonly problems: readonly Problem[];
  readonly text?: FixedId;
  /** The `id` of the field, for a page with two fields for e-mail addresses. A problem names the field by this `id`. */
  readonly id?: string;
  /** `username`: the e-mail address of an account. Password managers then keep it with the password. */
  readonly autocomplete?: 'username' | 'username webauthn' | 'email' | 'off';
}

export function EmailField(props: EmailFieldProps) {
  const { email, problems, text = 'common.email', id = 'email', autocomplete = 'username' } = props;
  return (
    <>
      <label for={id}>
        <Text id={text} />
      </label>
      <input
        id={id}
        name="email"
        type="email"
        autocomplete={autocomplete}
        maxLength={254}
        value={email}
        required
        {...invalidity(problems, id)}
      />
      <FieldProblem problems={problems} field={id} />
    </>
  );
}

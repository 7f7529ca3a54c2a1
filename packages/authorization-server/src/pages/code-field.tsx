import type { FixedId } from '../texts/texts.js';
import { FieldProblem, invalidity, type Problem } from './parts.js';
import { Text } from './text.js';

interface CodeFieldProps {
  readonly text: FixedId;
  readonly problems: readonly Problem[];
  /** `code`: for a code of an authenticator app or a recovery code. `recovery_code`: for a recovery code only. */
  readonly field?: 'code' | 'recovery_code';
}

/** The field for a code with which an owner proves their identity. */
export function CodeField({ text, problems, field = 'code' }: CodeFieldProps) {
  return (
    <>
      <label for={field}>
        <Text id={text} />
      </label>
      <input
        id={field}
        name={field}
        autocomplete={field === 'code' ? 'one-time-code' : 'off'}
        autocapitalize="characters"
        spellcheck={false}
        maxLength={40}
        required
        {...invalidity(problems, field)}
      />
      <FieldProblem problems={problems} field={field} />
    </>
  );
}

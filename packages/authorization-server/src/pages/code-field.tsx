import type { FixedId } from '../texts/texts.js';
import { FieldProblem, invalidity, type Problem } from './parts.js';
import { Text } from './text.js';

interface CodeFieldProps {
  readonly text: FixedId;
  readonly problems: readonly Problem[];
}

/** The field for a code of an authenticator app. */
export function CodeField({ text, problems }: CodeFieldProps) {
  return (
    <>
      <label for="code">
        <Text id={text} />
      </label>
      <input
        id="code"
        name="code"
        autocomplete="one-time-code"
        autocapitalize="characters"
        spellcheck={false}
        maxLength={40}
        required
        {...invalidity(problems, 'code')}
      />
      <FieldProblem problems={problems} field="code" />
    </>
  );
}

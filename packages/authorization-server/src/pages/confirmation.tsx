import { PasswordField, type Problem } from './parts.js';
import { Text } from './text.js';

/** The password's field in a form, once the owner has chosen something that requires the password. */
export function Confirmation({ problems }: { readonly problems: readonly Problem[] }) {
  if (!problems.some(({ field }) => field === 'password')) return null;
  return (
    <fieldset class="confirmation">
      <legend>
        <Text id="password.confirmTitle" />
      </legend>
      <PasswordField problems={problems} isRequired={false} />
    </fieldset>
  );
}

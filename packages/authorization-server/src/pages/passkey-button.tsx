import { paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import { Text } from './text.js';

interface PasskeyButtonProps {
  /** `get`: signs in or confirms. `create`: adds a passkey. `begin`: makes the first passkey, of a new account. */
  readonly act: keyof typeof acts;
  readonly text: FixedId;
  readonly isSecondary?: boolean;
  /** The name of the field that must be filled in first. */
  readonly needs?: string;
  /** Whether the browser also offers passkeys among the suggestions for the field of the e-mail address. */
  readonly isAutofill?: boolean;
}

/**
 * A button that uses a passkey to fill in the form. The button is hidden until the page's script has found that the
 * browser supports passkeys.
 */
export function PasskeyButton({ act, text, isSecondary = false, needs, isAutofill = false }: PasskeyButtonProps) {
  const { ceremony, options, field, problem, ...submitter } = acts[act];
  return (
    <div data-passkey-part hidden>
      <input type="hidden" name={field} value="" />
      <button
        type="button"
        {...submitter}
        class={isSecondary ? 'secondary' : undefined}
        data-passkey={ceremony}
        data-options={options}
        data-field={field}
        data-needs={needs}
        data-autofill={isAutofill ? '' : undefined}
      >
        <Text id={text} />
      </button>
      <p class="field-problem" role="alert" data-passkey-problem hidden>
        <Text id={problem} />
      </p>
    </div>
  );
}

/** For each act: what the script does, where it gets the options, and the field that it fills in. */
const acts = {
  get: { ceremony: 'get', options: paths.passkeyChallenge, field: 'passkey', problem: 'passkeys.failed' },
  create: { ceremony: 'create', options: paths.passkeyOptions, field: 'new_passkey', problem: 'passkeys.notMade' },
  begin: {
    ceremony: 'create',
    options: paths.firstPasskeyOptions,
    field: 'new_passkey',
    problem: 'passkeys.notMade',
    name: 'by',
    value: 'passkey',
  },
} as const;

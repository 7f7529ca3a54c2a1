import { createContext } from 'preact';
import { paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import { Text } from './text.js';

/** Whether the owner has a passkey and the page loads the script for it. `renderPage` provides it. */
export const HasPasskey = createContext(false);

interface PasskeyButtonProps {
  /** `get`: signs in or confirms. `create`: makes a passkey. */
  readonly act: 'get' | 'create';
  readonly text: FixedId;
  readonly isSecondary?: boolean;
}

/**
 * A button that uses a passkey to fill in the form. The button is hidden until the page's script has found that the
 * browser supports passkeys.
 */
export function PasskeyButton({ act, text, isSecondary = false }: PasskeyButtonProps) {
  return (
    <div data-passkey-part hidden>
      <input type="hidden" name="passkey" value="" />
      <button
        type="button"
        class={isSecondary ? 'secondary' : undefined}
        data-passkey={act}
        data-options={act === 'get' ? paths.passkeyChallenge : paths.passkeyOptions}
      >
        <Text id={text} />
      </button>
      <p class="field-problem" role="alert" data-passkey-problem hidden>
        <Text id={act === 'get' ? 'passkeys.failed' : 'passkeys.notMade'} />
      </p>
    </div>
  );
}

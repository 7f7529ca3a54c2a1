import type { OwnedClient } from '@aipassport/store/authorization';
import type { ClientEntry } from '../developers/client-entry.js';
import type { Snippet } from '../developers/snippets/write-snippets.js';
import type { FixedId, Texts } from '../texts/texts.js';
import type { SignedIn } from './layout.js';
import type { PageScript } from './page-script.js';
import type { Problem } from './problem.js';
import type { Stylesheet } from './stylesheet.js';

export interface ClientPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  /** The script that copies texts of the page to the clipboard. */
  readonly script: PageScript;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly client: OwnedClient;
  readonly entry: ClientEntry;
  readonly snippets: readonly Snippet[];
  /** SECRET. The secret that was just made. It is shown only once. */
  readonly newSecret: string | undefined;
  /** The chosen number of seconds for which the old secret stays valid beside the new one. */
  readonly overlap: string;
  /** The form that now also asks for the password, to confirm the change; undefined when no form does. */
  readonly confirms: 'rotation' | undefined;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

import { createContext } from 'preact';
import type { PageScript } from './page-script.js';

/** How the owner can confirm, on a form, that it is they. */
export interface ConfirmWays {
  readonly hasPassword: boolean;
  /** The script that asks for a passkey; undefined when the owner has none. */
  readonly passkeyScript: PageScript | undefined;
}

/** For pages without an owner. They have no forms that ask. */
export const noConfirmWays: ConfirmWays = { hasPassword: true, passkeyScript: undefined };

/** `renderPage` provides it. */
export const ConfirmWaysContext = createContext<ConfirmWays>(noConfirmWays);

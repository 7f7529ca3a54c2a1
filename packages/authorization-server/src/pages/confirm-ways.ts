import { createContext } from 'preact';
import type { PageScript } from './page-script.js';

/** The ways in which an owner can prove their identity in a form. */
export interface ConfirmWays {
  readonly hasPassword: boolean;
  /** The script that asks for a passkey; undefined when the owner has no passkey. */
  readonly passkeyScript: PageScript | undefined;
}

/** For pages without an owner: none of their forms asks for a confirmation. */
export const noConfirmWays: ConfirmWays = { hasPassword: true, passkeyScript: undefined };

/** The ways for the owner of the page, which `renderPage` provides. */
export const ConfirmWaysContext = createContext<ConfirmWays>(noConfirmWays);

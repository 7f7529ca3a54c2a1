import { createContext } from 'preact';
import type { PageScript } from './page-script.js';

/** The ways in which the owner can prove, in a form, who they are. */
export interface ConfirmWays {
  readonly hasPassword: boolean;
  /** The script that asks for a passkey; undefined when the owner has none. */
  readonly passkeyScript: PageScript | undefined;
}

/** For pages without an owner: none of their forms asks for a confirmation. */
export const noConfirmWays: ConfirmWays = { hasPassword: true, passkeyScript: undefined };

/** `renderPage` provides it. */
export const ConfirmWaysContext = createContext<ConfirmWays>(noConfirmWays);

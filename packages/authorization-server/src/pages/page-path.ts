import { createContext } from 'preact';
import { homePath } from '../account/return-to.js';

/** The path of the page, to which owners come back after signing in again. `renderPage` provides it. */
export const PagePath = createContext<string>(homePath);

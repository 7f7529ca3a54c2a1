import { textsIn } from '../texts/texts.js';

/** The API speaks English, as all JSON of this server does: its readers are developers. */
export const apiTexts = textsIn('en');

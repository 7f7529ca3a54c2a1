import { textsIn } from '../texts/texts.js';

/** The texts of the API are English, as in all JSON of this server, because developers read them. */
export const apiTexts = textsIn('en');

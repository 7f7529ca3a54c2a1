import type { Problem } from '../pages/problem.js';
import { message } from '../texts/texts.js';

/** A field of the form is missing or malformed that people cannot see or cannot choose wrongly: the page is broken. */
export const incomplete: Problem = { field: undefined, message: message('common.incomplete') };

import type { Problem } from '../pages/problem.js';
import { message } from '../texts/texts.js';

/** The page is broken: a field that people cannot see, or cannot set to a wrong value, is missing or malformed. */
export const incomplete: Problem = { field: undefined, message: message('common.incomplete') };

import type { StoredState } from '../stored-state.js';
import { readItems } from './read-items.js';
import { createStateReader } from './read-state.js';
import { readStoredResponse } from './read-stored-response.js';

/** The formats of stored objects in the Responses and Conversations APIs. */
export const openaiStoredState: StoredState = {
  createReader: createStateReader,
  readResponse: readStoredResponse,
  readItems,
};

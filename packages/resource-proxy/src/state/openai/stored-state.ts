import type { StoredState } from '../stored-state.js';
import { readItems } from './read-items.js';
import { createStateReader } from './read-state.js';
import { readStoredResponse } from './read-stored-response.js';

/**
 * OpenAI keeps a response and its items for this long (https://platform.openai.com/docs/guides/conversation-state). It
 * keeps a conversation forever; the proxy forgets one that is not used. The proxy asks OpenAI to delete each file after
 * this time at the latest.
 */
const vendorDays = 30;

/** The formats of stored objects in the Responses, Conversations and Files APIs. */
export const openaiStoredState: StoredState = {
  keptDays: {
    response: vendorDays,
    output_item: vendorDays,
    input_item: vendorDays,
    conversation: 400,
    file: vendorDays,
  },
  createReader: createStateReader,
  readResponse: readStoredResponse,
  readItems,
};

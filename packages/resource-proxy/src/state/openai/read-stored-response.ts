import { isJsonObject, type JsonObject } from '@aipassport/policy';
import { openaiMetering } from '../../metering/openai/metering.js';
import { readAnswerUsage } from '../../metering/read-answer.js';
import { isStateName } from '../state-facts.js';
import type { ResponseOutcome, StoredResponse } from '../stored-state.js';

const finalStates = new Set<unknown>(['completed', 'incomplete', 'failed', 'cancelled']);
const metering = openaiMetering['openai.responses'];

/** https://platform.openai.com/docs/api-reference/responses/object */
export function readStoredResponse(response: JsonObject): StoredResponse {
  const { id, status, background, conversation, truncation } = response;
  return {
    id: isStateName(id) ? id : undefined,
    isFinal: finalStates.has(status),
    isBackground: background === true,
    conversationId: isJsonObject(conversation) && typeof conversation.id === 'string' ? conversation.id : undefined,
    mayBeCut: truncation === 'auto',
    readOutcome: () => readOutcome(response),
  };
}

/**
 * A response contains all of its output, except for reasoning and for output that was not yet reported when the
 * response was cancelled.
 */
function readOutcome(response: JsonObject): ResponseOutcome {
  const { status, output } = response;
  return {
    reading: readAnswerUsage(metering, response),
    isEmptyFailure: status === 'failed' && (!Array.isArray(output) || output.length === 0),
    outputBytes: Buffer.byteLength(JSON.stringify(output ?? [])),
    textBytes: metering.countText(response),
  };
}

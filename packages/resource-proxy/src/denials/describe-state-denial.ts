import type { Denial } from './denial.js';
import type { ErrorDescription } from './error-description.js';

type StateDenial = Extract<Denial, { reason: 'state_unknown' | 'state_not_kept' | 'conversation_locked' }>;

/** Describes refusals that concern objects that an AI provider stores. */
export function describeStateDenial(denial: StateDenial): ErrorDescription {
  switch (denial.reason) {
    case 'state_unknown': {
      const { field } = denial;
      return {
        status: 404,
        code: field === 'previous_response_id' ? 'previous_response_not_found' : 'not_found',
        message: describeUnknown(field),
        ...(field !== undefined && { field }),
      };
    }
    case 'state_not_kept': {
      const { field } = denial;
      return {
        status: 400,
        code: 'invalid_request',
        message: `${field === undefined ? 'This request' : `\`${field}\``} needs something that is stored at the AI provider. This access uses an API key of this service’s operator, and nothing is stored with that key: answers say so with \`aipassport-store: false\`. Send the whole item or conversation each time, with \`store: false\` (reasoning with its \`encrypted_content\`), or ask the owner to add their own API key.`,
        ...(field !== undefined && { field }),
      };
    }
    case 'conversation_locked':
      return {
        status: 400,
        code: 'conversation_locked',
        message: 'Another request is adding to this conversation. Send this one again in a few seconds.',
        field: 'conversation',
        headers: { 'retry-after': '1' },
      };
  }
}

/**
 * The advice depends on the kind of object. If the path names the object, there is no advice, because the object itself
 * cannot be sent in a path.
 */
function describeUnknown(field: string | undefined): string {
  if (field === undefined) return 'The path does not name an object that the AI provider stores for this access.';
  const isConversation = field === 'previous_response_id' || field === 'conversation';
  return `\`${field}\` does not name an object that the AI provider stores for this access. Send the whole ${isConversation ? 'conversation' : 'item'} instead.`;
}

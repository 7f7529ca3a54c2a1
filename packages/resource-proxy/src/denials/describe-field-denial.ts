import type { ErrorDescription } from './error-description.js';
import type { FieldDenial, KindPlace } from './field-denial.js';

/** Describes which member of a body is refused, its value, and what to send instead. */
export function describeFieldDenial(denial: FieldDenial): ErrorDescription {
  const { status, code } = denial.reason === 'thread_not_stored' ? notStored : invalid;
  return { status, code, message: writeMessage(denial), field: denial.field };
}

const invalid = { status: 400, code: 'invalid_request' } as const;
const notStored = { status: 404, code: 'thread_not_found' } as const;

function writeMessage(denial: FieldDenial): string {
  const field = `\`${denial.field}\``;
  switch (denial.reason) {
    case 'field_not_offered':
      return `${field} is not known to this service, which refuses unknown fields. Leave it out.`;
    case 'field_forbidden':
      return `${field} is never accepted, because some servers take a URL or a key from it. Leave it out.`;
    case 'field_invalid': {
      const { found, expected } = denial;
      if (found === undefined || expected === undefined) return `${field} is out of range or of the wrong type.`;
      return `${field} is ${found}. It must be ${expected}.`;
    }
    case 'value_not_offered': {
      const { found, problem, offered } = denial;
      const why =
        problem === 'costs'
          ? 'which costs more than the prices that this service knows'
          : 'which is not known to this service';
      return `${field} is ${found}, ${why}. Leave it out, or send ${list(offered)}.`;
    }
    case 'stored_state_refused':
      return `${field}${describeFound(denial.found)} refers to something stored at the AI provider. Everyone who uses the same provider key shares it. Send the whole item, file or text instead (reasoning with its \`encrypted_content\`).`;
    case 'thread_not_stored':
      return `${field} continues a conversation that the AI provider has not stored, because this service removes \`thread\`. Send all messages of the conversation.`;
    case 'kind_not_offered':
      return `${field} is ${kindNames[denial.of]} of the kind ${denial.kind}. ${kindAdvice[denial.of]}`;
  }
}

const kindNames: Readonly<Record<KindPlace, string>> = {
  tool: 'a tool',
  item: 'an item',
  content: 'content',
  edit: 'an edit',
};

const kindAdvice: Readonly<Record<KindPlace, string>> = {
  tool: 'The AI provider may run it, and this service cannot limit what it costs or what it can access. Leave it out, or offer the model a tool that your app runs, such as a function.',
  item: 'This service does not know what it costs or what it can access. Leave it out, or send its content as a message.',
  content:
    'This service does not know what it costs or what it can access. Leave it out, or send it as text, a picture or a file.',
  edit: 'This service does not know its cost. Leave it out.',
};

function describeFound(found: string | undefined): string {
  return found === undefined ? '' : ` (${found})`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

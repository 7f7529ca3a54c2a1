import type { ErrorDescription } from './describe-denial.js';
import type { FieldDenial, KindPlace } from './field-denial.js';

/** Says which member of a body is refused, what it was, and what to do instead. */
export function describeFieldDenial(denial: FieldDenial): ErrorDescription {
  const { status, code } = denial.reason === 'thread_not_held' ? unheld : invalid;
  return { status, code, message: writeMessage(denial), field: denial.field };
}

const invalid = { status: 400, code: 'invalid_request' } as const;
const unheld = { status: 404, code: 'thread_not_found' } as const;

function writeMessage(denial: FieldDenial): string {
  const field = `\`${denial.field}\``;
  switch (denial.reason) {
    case 'field_not_offered':
      return `${field} is not known here, and this service refuses what it does not know. Leave it out.`;
    case 'field_forbidden':
      return `${field} is never accepted, because some servers take an address or a key from it. Leave it out.`;
    case 'field_invalid': {
      const { found, expected } = denial;
      if (found === undefined || expected === undefined) return `${field} is out of range or of the wrong type.`;
      return `${field} is ${found}. It must be ${expected}.`;
    }
    case 'value_not_offered': {
      const { found, problem, offered } = denial;
      const why = problem === 'costs' ? 'which costs more than is priced here' : 'which is not known here';
      return `${field} is ${found}, ${why}. Leave it out, or send ${list(offered)}.`;
    }
    case 'stored_state_refused':
      return `${field}${describeFound(denial.found)} refers to something stored at the AI provider, which is shared by everyone who uses its key. Send the whole item, file or text instead (reasoning with its \`encrypted_content\`).`;
    case 'thread_not_held':
      return `${field} continues a conversation that the AI provider does not hold, because this service leaves \`thread\` out. Send all messages of the conversation.`;
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
  tool: 'The AI provider may run it, and what that costs or reaches cannot be limited here. Leave it out, or offer the model a tool that your app runs, such as a function.',
  item: 'What it costs or reaches is not known here. Leave it out, or send what it says as a message.',
  content: 'What it costs or reaches is not known here. Leave it out, or send it as text, a picture or a file.',
  edit: 'What it costs is not known here. Leave it out.',
};

function describeFound(found: string | undefined): string {
  return found === undefined ? '' : ` (${found})`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

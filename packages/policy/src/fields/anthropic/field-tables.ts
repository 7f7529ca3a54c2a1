import type { BodyOperationId, OperationIn } from '../../operations/dialect-operations.js';
import type { FieldTable } from '../field.js';
import { messagesFields, messageTokensFields } from './messages-fields.js';

export const anthropicFields = {
  'anthropic.messages': messagesFields,
  'anthropic.messages/count_tokens': messageTokensFields,
} satisfies Readonly<Record<OperationIn<'anthropic', BodyOperationId>, FieldTable>>;

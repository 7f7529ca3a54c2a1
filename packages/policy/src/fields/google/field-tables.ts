import type { BodyOperationId, OperationIn } from '../../operations/dialect-operations.js';
import type { FieldTable } from '../field.js';
import {
  batchEmbedContentsFields,
  countTokensFields,
  embedContentFields,
  generateContentFields,
} from './content-fields.js';

export const googleFields = {
  'google.generateContent': generateContentFields,
  'google.streamGenerateContent': generateContentFields,
  'google.countTokens': countTokensFields,
  'google.embedContent': embedContentFields,
  'google.batchEmbedContents': batchEmbedContentsFields,
} satisfies Readonly<Record<OperationIn<'google', BodyOperationId>, FieldTable>>;

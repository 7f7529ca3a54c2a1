import { isJsonObject } from '@aipassport/policy';
import { free, type MeteringOf, type OperationMetering } from '../operation-metering.js';
import { keys } from '../output-counter.js';
import { sizeOf, sumOf } from '../text-size.js';
import { readContent, readContentProcessing, readContentTier, readEmbeddingUsage } from './read-usage.js';
import { tapContent } from './tap-usage.js';

const embeddings: OperationMetering = {
  readUsage: readEmbeddingUsage,
  tap: undefined,
  output: undefined,
  countText: () => 0,
  readProcessing: readContentTier,
};

export const googleMetering: MeteringOf<'google'> = {
  'google.generateContent': {
    readUsage: readContent,
    tap: undefined,
    output: undefined,
    countText: ({ candidates }) =>
      sumOf(candidates, ({ content }) =>
        isJsonObject(content) ? sumOf(content.parts, ({ text }) => sizeOf(text)) : 0,
      ),
    readProcessing: readContentProcessing,
  },
  'google.streamGenerateContent': {
    readUsage: undefined,
    tap: tapContent,
    output: {
      member: Buffer.from('content":'),
      media: keys('inlineData', 'inline_data'),
      framing: keys('role', 'thoughtSignature'),
    },
    countText: () => 0,
  },
  'google.countTokens': free,
  'google.embedContent': embeddings,
  'google.batchEmbedContents': embeddings,
};

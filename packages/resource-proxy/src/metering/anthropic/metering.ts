import { free, type MeteringOf } from '../operation-metering.js';
import { keys } from '../output-counter.js';
import { sizeOf, sumOf } from '../text-size.js';
import { readMessage } from './read-usage.js';
import { tapMessage } from './tap-usage.js';

export const anthropicMetering: MeteringOf<'anthropic'> = {
  'anthropic.messages': {
    readUsage: readMessage,
    tap: tapMessage,
    output: {
      member: Buffer.from('delta":'),
      begins: {
        event: Buffer.from('"content_block_start"'),
        shown: ['"text"', '"tool_use"'].map((type) => Buffer.from(`"type":${type}`)),
        thinking: Buffer.from('thinking"'),
      },
      media: [],
      framing: keys('type', 'signature', 'stop_reason', 'stop_sequence'),
    },
    countText: ({ content }) => sumOf(content, ({ text }) => sizeOf(text)),
  },
  'anthropic.messages/count_tokens': free,
};

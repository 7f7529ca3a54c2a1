import { type InputCounting, readInputTokens } from '../input-counting.js';

/** The members of the body of a messages request that the counting operation accepts, too. */
const countedMembers = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'cache_control',
]);

export const anthropicCounting: InputCounting = {
  kind: 'input',
  composeBody: (body) => Object.fromEntries(Object.entries(body).filter(([name]) => countedMembers.has(name))),
  readAnswer: readInputTokens,
};

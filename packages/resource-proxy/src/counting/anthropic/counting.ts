import { type InputCounting, readInputTokens } from '../input-counting.js';

/** The members of a message that the counting operation accepts. */
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

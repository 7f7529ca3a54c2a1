import { type FieldTable, harmless, input, modelName, output } from '../field.js';
import { members, whole } from '../field-rule.js';
import { choices, sampling, stream, streamOptions } from './shared-fields.js';

/** https://platform.openai.com/docs/api-reference/completions/create */
export const completionsFields = {
  model: modelName,
  prompt: input('A text, several texts, or the numbers of their tokens. Each text is answered.'),
  suffix: input('What comes after the answer.'),
  echo: harmless('Whether the prompt is repeated.'),
  ...sampling,
  user: harmless('Your name for an end user.'),
  stream,
  stream_options: harmless('What a stream has besides the answer.', members(streamOptions)),
  max_tokens: output('The most tokens of one answer. With `echo`, 0 only scores the prompt.', whole(0, 1_000_000)),
  n: choices,
  best_of: output('How many answers are written to choose from. Each is billed.', whole(1, 20)),
} satisfies FieldTable;

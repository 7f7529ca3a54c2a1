import { type FieldTable, harmless, input, modelName, output } from '../field.js';
import { members, whole } from '../field-rule.js';
import { choices, sampling, stream, streamOptions } from './shared-fields.js';

/** https://platform.openai.com/docs/api-reference/completions/create */
export const completionsFields = {
  model: modelName,
  prompt: input('A text, several texts, or the ids of their tokens. Each text is answered.'),
  suffix: input('The text that follows the answer, if the model fills a gap.'),
  echo: harmless('Whether the answer begins with the prompt.'),
  ...sampling,
  user: harmless('Your identifier of an end user.'),
  stream,
  stream_options: harmless('What the stream contains besides the answer.', members(streamOptions)),
  max_tokens: output(
    'The maximum number of tokens in one answer. With `echo`, 0 returns only the probabilities of the prompt.',
    whole(0, 1_000_000),
  ),
  n: choices,
  best_of: output('How many answers are generated, of which the best are returned. Each is billed.', whole(1, 20)),
} satisfies FieldTable;

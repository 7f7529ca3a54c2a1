import { type FieldTable, harmless, input, modelName, output, rate, state, tools } from '../field.js';
import { list, members, needs, nothingStored, onlyDefault, pricedFor } from '../field-rule.js';
import { answerFields, choices, outputTokens, streamOptions } from './shared-fields.js';

/** https://platform.openai.com/docs/api-reference/chat/create */
export const chatFields = {
  model: modelName,
  messages: input('The conversation.', list),
  ...answerFields,
  functions: input('The older name of `tools`.'),
  function_call: harmless('The older name of `tool_choice`.'),
  response_format: input('The format of the answer, such as a JSON schema.'),
  reasoning_effort: harmless('How much the model thinks. The thinking counts against the output limit.'),
  verbosity: harmless('How long the answer should be.'),
  prediction: output(
    'A text that the answer will largely repeat. The part that the answer does not repeat is billed as output too.',
  ),
  stream_options: harmless('What the stream contains besides the answer.', members(streamOptions)),
  n: choices,
  max_tokens: output('The older name of `max_completion_tokens`.', outputTokens),
  max_completion_tokens: output('The maximum number of tokens in one answer.', outputTokens),
  modalities: rate('The kinds of output, such as text.', pricedFor(['text'])),
  web_search_options: tools('Makes the model search the web.', needs('tools.web')),
  store: state('Whether the provider keeps the answer.', nothingStored(false)),
  audio: rate('The voice and the format of a spoken answer.', onlyDefault()),
} satisfies FieldTable;

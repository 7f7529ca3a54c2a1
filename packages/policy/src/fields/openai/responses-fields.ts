import { type FieldTable, harmless, input, modelName, output, rate, state, tools } from '../field.js';
import { flag, members, nothingStored, onlyDefault, whole } from '../field-rule.js';
import { answerFields, attribution, caching, outputTokens, sampling, stream, streamOptions } from './shared-fields.js';

const { include_obfuscation } = streamOptions;

/** https://platform.openai.com/docs/api-reference/responses/create */
export const responsesFields = {
  model: modelName,
  input: input('A text, or the items of the conversation.'),
  instructions: input('The instructions that the model reads first.'),
  ...answerFields,
  text: input('The form of the answer, such as a JSON schema.'),
  reasoning: harmless('How much the model thinks. The thinking counts against the output limit.'),
  truncation: harmless('Whether the provider may cut off what does not fit.'),
  include: harmless('What the answer contains in addition.'),
  image: harmless('How pictures are read.'),
  previous_response_id: state('The stored response that this one continues. It must belong to the grant.'),
  conversation: state('The stored conversation that this continues. It must belong to the grant.'),
  stream_options: harmless('What a stream has besides the answer.', members({ include_obfuscation })),
  max_output_tokens: output('The most tokens of the answer.', outputTokens),
  max_tool_calls: tools('The most calls of tools that the provider runs.', whole(1, 128)),
  context_management: rate('How a long conversation is shortened.', onlyDefault([])),
  access_programs: rate('What the owner’s organisation was admitted to.', onlyDefault({ cyber: 'standard' })),
  store: state('Whether the provider keeps the response. With the operator’s API key it is `false`.', flag),
  background: state('Whether the response is written after this request has been answered.', flag),
  prompt: state('A prompt that the provider stores.', nothingStored()),
} satisfies FieldTable;

/**
 * https://platform.openai.com/docs/api-reference/responses/input-tokens: counts the input of a response. The model
 * writes nothing, so this table has no output limits.
 */
export const inputTokensFields = {
  model: modelName,
  input: harmless('A text, or the items of the conversation.'),
  instructions: harmless('The instructions that the model reads first.'),
  tools: harmless('What the model may call.'),
  tool_choice: responsesFields.tool_choice,
  parallel_tool_calls: responsesFields.parallel_tool_calls,
  text: harmless('The form of the answer, such as a JSON schema.'),
  reasoning: responsesFields.reasoning,
  truncation: responsesFields.truncation,
  include: responsesFields.include,
  image: responsesFields.image,
  personality: harmless('The manner of the answer.'),
  previous_response_id: responsesFields.previous_response_id,
  conversation: responsesFields.conversation,
  ...sampling,
  ...attribution,
  ...caching,
  stream,
  prompt: responsesFields.prompt,
} satisfies FieldTable;

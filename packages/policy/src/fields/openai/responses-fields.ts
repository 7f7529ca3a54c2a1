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
  text: input('The format of the answer, such as a JSON schema.'),
  reasoning: harmless('How much the model thinks. The thinking counts against the output limit.'),
  truncation: harmless(
    'Whether the provider may leave out items if the conversation does not fit into the context window.',
  ),
  include: harmless('Additional data to include in the answer.'),
  image: harmless('How the model processes pictures.'),
  previous_response_id: state('The stored response that this one continues. It must belong to the grant.'),
  conversation: state('The stored conversation that this response continues. It must belong to the grant.'),
  stream_options: harmless('What the stream contains besides the answer.', members({ include_obfuscation })),
  max_output_tokens: output('The maximum number of tokens in the answer.', outputTokens),
  max_tool_calls: tools('The maximum number of calls of tools that the provider runs.', whole(1, 128)),
  context_management: rate('How a long conversation is shortened.', onlyDefault([])),
  access_programs: rate(
    'Access programs to which the owner’s organization was admitted.',
    onlyDefault({ cyber: 'standard' }),
  ),
  store: state('Whether the provider keeps the response. With the operator’s API key it is `false`.', flag),
  background: state('Whether the response is generated in the background, after this request has been answered.', flag),
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
  tools: harmless('The tools that the model may call.'),
  tool_choice: responsesFields.tool_choice,
  parallel_tool_calls: responsesFields.parallel_tool_calls,
  text: harmless('The format of the answer, such as a JSON schema.'),
  reasoning: responsesFields.reasoning,
  truncation: responsesFields.truncation,
  include: responsesFields.include,
  image: responsesFields.image,
  personality: harmless('The style of the answer.'),
  previous_response_id: responsesFields.previous_response_id,
  conversation: responsesFields.conversation,
  ...sampling,
  ...attribution,
  ...caching,
  stream,
  prompt: responsesFields.prompt,
} satisfies FieldTable;

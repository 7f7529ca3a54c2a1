import { type FieldTable, harmless, input, output, rate, state, tools } from '../field.js';
import { each, members, nothingStored, onlyDefault, pricedFor, whole } from '../field-rule.js';

const model = harmless('The model of the path, if it is named here too.');

/** https://ai.google.dev/api/generate-content#generationconfig */
export const generationConfigFields = {
  temperature: harmless('The sampling temperature: higher values give more random answers.'),
  topP: harmless('The model samples from the most probable tokens whose probabilities add up to this value.'),
  topK: harmless('The number of most probable tokens from which the model samples.'),
  stopSequences: harmless('Texts that end the answer.'),
  presencePenalty: harmless('Lowers the probability of tokens already used.'),
  frequencyPenalty: harmless('Lowers the probability of a token further each time it is used.'),
  seed: harmless('A seed that makes the sampling repeatable.'),
  responseLogprobs: harmless('Whether the answer contains the log probabilities of its tokens.'),
  logprobs: harmless('The number of most probable alternatives that are reported for each token.'),
  responseMimeType: harmless('The media type of the answer.'),
  responseSchema: input('The format of the answer, as an OpenAPI schema.'),
  responseJsonSchema: input('The format of the answer, as a JSON schema.'),
  responseFormat: input('The format of the answer.'),
  responseModalities: rate('The kinds of output. Pictures need `cap:images`, speech `cap:audio`.'),
  thinkingConfig: harmless('How much the model thinks. The thinking counts against the output limit.'),
  mediaResolution: harmless('The resolution at which pictures are read.'),
  audioTimestamp: harmless('Whether the model gets the timestamps of a recording.'),
  audioTranscriptionConfig: harmless('How recordings are transcribed.'),
  enableEnhancedCivicAnswers: harmless('Answers questions about elections with more care.'),
  speechConfig: rate('The voice of a spoken answer.', onlyDefault()),
  imageConfig: rate('The aspect ratio and the size of pictures in the answer, for models that generate them.'),
  candidateCount: output('How many answers are generated. Each is billed.', whole(1, 8)),
  maxOutputTokens: output('The maximum number of tokens in one answer.', whole(1, 1_000_000)),
  // These fields let the vendor choose another model than the one that was checked.
  routingConfig: rate('Lets the provider choose the model.', onlyDefault()),
  modelSelectionConfig: rate('Lets the provider choose the model.', onlyDefault()),
} satisfies FieldTable;

/** https://ai.google.dev/api/generate-content */
export const generateContentFields = {
  model,
  contents: input('The conversation.'),
  systemInstruction: input('The instructions that the model reads first.'),
  tools: tools('The tools that the model may call.'),
  toolConfig: harmless('Whether the model has to call a tool, and which one.'),
  safetySettings: harmless('Which harmful content is blocked.'),
  labels: harmless('Your own labels of the request.'),
  generationConfig: output('How the answer is generated.', members(generationConfigFields)),
  serviceTier: rate('How fast the request is served.', pricedFor('standard', 'unspecified', 'flex')),
  cachedContent: state('Content that the provider stores.', nothingStored()),
  continuationToken: state('A stored answer of the provider that this request continues.', nothingStored()),
  store: state('Whether the provider keeps the answer.', nothingStored(false)),
} satisfies FieldTable;

/** https://ai.google.dev/api/tokens. The operation costs nothing. */
export const countTokensFields = {
  model,
  contents: harmless('The conversation.'),
  generateContentRequest: harmless(
    'A whole request. Its tokens are counted instead of those of `contents`.',
    members(generateContentFields),
  ),
} satisfies FieldTable;

/** https://ai.google.dev/api/embeddings */
export const embedContentFields = {
  model,
  content: input('The content to embed.'),
  taskType: harmless('The purpose of the embedding.'),
  title: input('The title of the text.'),
  outputDimensionality: harmless('The number of dimensions of an embedding.'),
  autoTruncate: harmless('Whether a text that is too long is truncated.'),
} satisfies FieldTable;

export const batchEmbedContentsFields = {
  model,
  requests: {
    ...input('The contents to embed. Each gets its own embedding.', each(embedContentFields)),
    isRequired: true,
  },
} satisfies FieldTable;

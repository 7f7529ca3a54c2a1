import { type FieldTable, harmless, input, output, rate, state, tools } from '../field.js';
import { each, members, nothingStored, onlyDefault, pricedFor, whole } from '../field-rule.js';

const model = harmless('The model of the path, if it is named here too.');

/** https://ai.google.dev/api/generate-content#generationconfig */
export const generationConfigFields = {
  temperature: harmless('How freely tokens are drawn.'),
  topP: harmless('The total probability of the likeliest tokens, from which the model draws.'),
  topK: harmless('The number of the likeliest tokens, from which the model draws.'),
  stopSequences: harmless('Texts that end the answer.'),
  presencePenalty: harmless('Disfavours tokens that were used.'),
  frequencyPenalty: harmless('Disfavours a token more each time it is used.'),
  seed: harmless('Makes the drawing of tokens repeatable.'),
  responseLogprobs: harmless('Whether the answer has the probabilities of its tokens.'),
  logprobs: harmless('How many likely alternatives are shown for each token.'),
  responseMimeType: harmless('The format of the answer.'),
  responseSchema: input('The form of the answer.'),
  responseJsonSchema: input('The form of the answer, as a JSON schema.'),
  responseFormat: input('The form of the answer.'),
  responseModalities: rate('What the answer is made of. Pictures need `cap:images`, speech `cap:audio`.'),
  thinkingConfig: harmless('How much the model thinks. The thinking counts against the output limit.'),
  mediaResolution: harmless('How finely pictures are read.'),
  audioTimestamp: harmless('Whether the model gets the times of a recording.'),
  audioTranscriptionConfig: harmless('How recordings are transcribed.'),
  enableEnhancedCivicAnswers: harmless('Answers questions about elections with more care.'),
  speechConfig: rate('The voice of a spoken answer.', onlyDefault()),
  imageConfig: rate('The form of pictures in the answer, for models that make them.'),
  candidateCount: output('How many answers are written. Each is billed.', whole(1, 8)),
  maxOutputTokens: output('The most tokens of one answer.', whole(1, 1_000_000)),
  // These fields let the vendor choose another model than the one that was checked.
  routingConfig: rate('Lets the provider choose the model.', onlyDefault()),
  modelSelectionConfig: rate('Lets the provider choose the model.', onlyDefault()),
} satisfies FieldTable;

/** https://ai.google.dev/api/generate-content */
export const generateContentFields = {
  model,
  contents: input('The conversation.'),
  systemInstruction: input('The instructions that the model reads first.'),
  tools: tools('What the model may call.'),
  toolConfig: harmless('Which tool the model has to call.'),
  safetySettings: harmless('Which content is held back.'),
  labels: harmless('Your own notes.'),
  generationConfig: output('How the answer is written.', members(generationConfigFields)),
  serviceTier: rate('How fast the request is served.', pricedFor('standard', 'unspecified', 'flex')),
  cachedContent: state('Content that the provider stores.', nothingStored()),
  continuationToken: state('An answer that the provider stores.', nothingStored()),
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
  content: input('What is embedded.'),
  taskType: harmless('What the embedding is for.'),
  title: input('The title of the text.'),
  outputDimensionality: harmless('How many numbers an embedding has.'),
  autoTruncate: harmless('Whether a long text is cut off.'),
} satisfies FieldTable;

export const batchEmbedContentsFields = {
  model,
  requests: { ...input('What is embedded, one by one.', each(embedContentFields)), isRequired: true },
} satisfies FieldTable;

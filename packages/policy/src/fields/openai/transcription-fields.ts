import { type FieldTable, harmless, input, modelName, output } from '../field.js';
import { files, list } from '../field-rule.js';

/**
 * https://platform.openai.com/docs/api-reference/audio/createTranscription. The fields of a form that is forwarded
 * while it is being received, by their names in the form. The model's name is the only value that is checked.
 */
export const transcriptionFields = {
  model: modelName,
  file: { ...input('The recording.', files(1)), isRequired: true },
  language: harmless('The language that is spoken.'),
  languages: harmless('The languages that may be spoken.', list),
  prompt: input('A text in the style and spelling of the transcript.'),
  keywords: input('Words that may be spoken.', list),
  response_format: harmless('The format of the transcript.'),
  stream: harmless('Whether the transcript is streamed.'),
  temperature: harmless('The sampling temperature: higher values give more random answers.'),
  include: harmless('Additional data to include in the answer.', list),
  timestamp_granularities: harmless('Whether the transcript contains the times of words or of segments.', list),
  known_speaker_names: input('The names of the speakers.', list),
  known_speaker_references: input('A short recording of each speaker.', list),
  chunking_strategy: output('How the recording is cut into pieces, each of which is billed.'),
  'chunking_strategy[type]': output(
    'The `type` of `chunking_strategy`, in a form that has a field for each of its members.',
  ),
  'chunking_strategy[prefix_padding_ms]': output(
    'How much sound before speech is included in a piece, in milliseconds.',
  ),
  'chunking_strategy[silence_duration_ms]': output('How long a silence must be to end a piece, in milliseconds.'),
  'chunking_strategy[threshold]': output('How loud a sound must be to count as speech.'),
} satisfies FieldTable;

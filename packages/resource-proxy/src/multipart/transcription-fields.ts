/** How often a field of the form may occur. */
export type Occurrence = 'once' | 'repeated';

/** The fields of `audio/transcriptions`. Fields that are not in this table count as unknown, as in JSON bodies. */
export const transcriptionFields: ReadonlyMap<string, Occurrence> = new Map<string, Occurrence>([
  ['file', 'once'],
  ['model', 'once'],
  ['language', 'once'],
  ['prompt', 'once'],
  ['response_format', 'once'],
  ['stream', 'once'],
  ['temperature', 'once'],
  ['chunking_strategy', 'once'],
  ['chunking_strategy[type]', 'once'],
  ['chunking_strategy[prefix_padding_ms]', 'once'],
  ['chunking_strategy[silence_duration_ms]', 'once'],
  ['chunking_strategy[threshold]', 'once'],
  ['include', 'repeated'],
  ['include[]', 'repeated'],
  ['timestamp_granularities', 'repeated'],
  ['timestamp_granularities[]', 'repeated'],
  ['keywords', 'repeated'],
  ['keywords[]', 'repeated'],
  ['languages', 'repeated'],
  ['languages[]', 'repeated'],
  ['known_speaker_names[]', 'repeated'],
  ['known_speaker_references[]', 'repeated'],
]);

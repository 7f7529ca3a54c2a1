import { isJsonObject, type JsonObject } from '../../json.js';
import { boundAudioSeconds } from '../audio-seconds.js';
import { refuseCost } from '../cost-refusal.js';
import type { InputReader, Media } from '../measure-input.js';

/** The model reads the values of these members as JSON, so they contain no picture and no document. */
export const shownAsJson: ReadonlySet<string> = new Set(['tools', 'functions', 'response_format', 'text']);

/** Reads the input of chat completions and Responses. */
export const openaiInput: InputReader = {
  shownAsJson,
  readMedia,
  canonicalName: (name) => name,
};

/** https://developers.openai.com/api/docs/guides/realtime-costs: one token for each 100 ms of audio. */
const audioTokensPerSecond = 10;
/**
 * The number of bytes from which the format of a recording is read. Most tags before the first frame of a recording are
 * shorter.
 */
const headBytes = 8_192;

/** Reads the input of models that take audio. These models have a price for audio. */
export const listeningInput: InputReader = {
  ...openaiInput,
  readMedia: (name, value, holder) =>
    name === 'input_audio' && isJsonObject(value) ? readRecording(value) : openaiInput.readMedia(name, value, holder),
};

function readRecording({ data }: JsonObject): Media {
  if (typeof data !== 'string') return refuseCost('input_audio', 'malformed');
  const head = Buffer.from(data.slice(0, Math.ceil(headBytes / 3) * 4), 'base64');
  const seconds = boundAudioSeconds(head, Math.ceil((data.length * 3) / 4));
  return { kind: 'audio', tokens: seconds * audioTokensPerSecond };
}

function readMedia(name: string, value: unknown, holder: JsonObject): Media | undefined {
  if (value === null) return undefined;
  switch (name) {
    case 'image_url':
    // An older spelling that OpenAI still accepts: `{ "image": "<base64>" }`.
    case 'image':
      return { kind: 'image' };
    case 'file':
    case 'file_data':
    case 'file_url':
      // Each page counts as text and as a picture. The size does not say how many pages there are.
      return { kind: 'document' };
    case 'file_id':
      // A stored file. Nothing is known here about its size.
      return { kind: holder.type === 'input_image' ? 'image' : 'document' };
    case 'input_audio':
      // This model has no price for audio, so it does not take audio.
      return refuseCost('input_audio', 'not_priced');
    case 'audio':
      // If `audio` is an object, it refers to an earlier spoken answer that the vendor stored, or it chooses the voice
      // of the new answer. Both are refused, because this model has no price for audio.
      return isJsonObject(value) ? refuseCost('audio', 'not_priced') : undefined;
  }
  return undefined;
}

import { isJsonObject } from '../json.js';
import { refuseCost } from './cost-refusal.js';
import type { InputReader, Media } from './measure-input.js';

/** Chat completions and Responses. */
export const openaiInput: InputReader = {
  shownAsJson: new Set(['tools', 'functions', 'response_format', 'text']),
  readMedia,
  canonicalName: (name) => name,
};

function readMedia(name: string, value: unknown): Media | undefined {
  if (value === null) return undefined;
  switch (name) {
    case 'image_url':
    // An older spelling that is still understood: `{ "image": "<base64>" }`.
    case 'image':
      return { kind: 'image' };
    case 'file':
    case 'file_data':
    case 'file_url':
      // Every page counts as its text and as a picture, and how many pages there are is not known from its bytes.
      return { kind: 'document' };
    case 'input_audio':
      // None of the models that we sell listens; one that does needs a price for it, and is not offered so far.
      return refuseCost('input_audio', 'not_priced');
    case 'audio':
      // An answer that the vendor kept, or the voice of the one that is wanted.
      return isJsonObject(value) ? refuseCost('audio', 'not_priced') : undefined;
  }
  return undefined;
}

import { isJsonObject, type JsonObject } from '../../json.js';
import type { InputReader, Media } from '../measure-input.js';

export const anthropicInput: InputReader = {
  shownAsJson: new Set(['tools', 'input', 'output_config', 'output_format']),
  readMedia,
  canonicalName: (name) => name,
};

function readMedia(name: string, value: unknown, holder: JsonObject): Media | undefined {
  // The `source` of a search result is a string, not an object. It counts as text.
  if (name !== 'source' || !isJsonObject(value)) return undefined;
  if (holder.type === 'image') return { kind: 'image' };
  // With citations, the vendor adds marks to each sentence of a document, so the text alone does not bound the tokens.
  const cited = isJsonObject(holder.citations) && holder.citations.enabled !== false;
  if (!cited && (value.type === 'text' || value.type === 'content')) return undefined;
  return { kind: 'document' };
}

import { isJsonObject, type JsonObject } from '../json.js';
import type { InputReader, Media } from './measure-input.js';

export const anthropicInput: InputReader = {
  shownAsJson: new Set(['tools', 'input', 'output_config', 'output_format']),
  readMedia,
  canonicalName: (name) => name,
};

function readMedia(name: string, value: unknown, holder: JsonObject): Media | undefined {
  // A search result's `source` is a plain address, which is text.
  if (name !== 'source' || !isJsonObject(value)) return undefined;
  if (holder.type === 'image') return { kind: 'image' };
  // For citations a document is cut into sentences, each with marks of its own.
  const cited = isJsonObject(holder.citations) && holder.citations.enabled !== false;
  if (!cited && (value.type === 'text' || value.type === 'content')) return undefined;
  return { kind: 'document' };
}

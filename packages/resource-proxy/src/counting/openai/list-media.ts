import { isJsonObject, type JsonObject, shownAsJson } from '@aipassport/policy';

/**
 * Lists the pictures and documents in the body of a request to `chat/completions` or `responses`. Each is written as a
 * part of the `input` of a request to `responses`.
 */
export function listMedia(body: unknown): readonly JsonObject[] {
  if (Array.isArray(body)) return body.flatMap(listMedia);
  if (!isJsonObject(body)) return [];
  const part = readPart(body);
  if (part !== undefined) return [part];
  return Object.entries(body).flatMap(([name, value]) => (shownAsJson.has(name) ? [] : listMedia(value)));
}

function readPart(part: JsonObject): JsonObject | undefined {
  switch (part.type) {
    case 'input_image':
    case 'input_file':
      return part;
    case 'image_url': {
      const { image_url: picture } = part;
      return isJsonObject(picture)
        ? { type: 'input_image', image_url: picture.url, detail: picture.detail ?? 'auto' }
        : undefined;
    }
    case 'file': {
      const { file } = part;
      if (!isJsonObject(file)) return undefined;
      if (typeof file.file_id === 'string') return { type: 'input_file', file_id: file.file_id };
      return { type: 'input_file', filename: file.filename ?? 'file.pdf', file_data: file.file_data };
    }
    default:
      return undefined;
  }
}

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';

const pictureMembers = new Set(['image_url', 'image']);

/** Returns the maximum number of pictures in the items of a response or a conversation. */
export function countPictures(value: JsonValue | undefined): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + countPictures(each), 0);
  if (!isJsonObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, each]) => sum + (each !== null && isPicture(name, value) ? 1 : countPictures(each)),
    0,
  );
}

function isPicture(name: string, holder: JsonObject): boolean {
  return pictureMembers.has(name) || (name === 'file_id' && holder.type === 'input_image');
}

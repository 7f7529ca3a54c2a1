import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { countPictures } from '../../upstreams/openai/count-pictures.js';
import { refuseKeptTools } from '../../upstreams/openai/kept-tools.js';
import { type GrantItems, makeSelfContained } from '../../upstreams/openai/stateless-items.js';
import type { StoredItems } from '../stored-state.js';

/** Counted for each picture: more tokens than any vendor counts for one. */
const pictureTokens = 65_536;
/** Counted for each document, because one document can fill the whole context window of a model. */
const documentTokens = 10_000_000;

const noItems: GrantItems = {
  take: () => false,
  refuse: (field) => {
    throw new Denied({ reason: 'state_unknown', field });
  },
};

/**
 * Reads the items that the vendor is to store. Refuses items that refer to stored objects, and items that contain tools
 * that run at the vendor.
 */
export function readItems(given: JsonValue, added: ReadonlySet<string>): StoredItems {
  const items = makeItemsSelfContained(given, added);
  return { items, mediaTokens: countMedia(items), pictures: countPictures(items) };
}

function makeItemsSelfContained(items: JsonValue, added: ReadonlySet<string>): JsonValue {
  if (items === null) return null;
  if (!Array.isArray(items)) throw new Denied({ reason: 'field_invalid', field: 'items' });
  refuseKeptTools(items, 'items');
  const holder: JsonObject = { input: items };
  makeSelfContained(holder, { own: noItems, added, hasContext: false });
  return holder.input ?? null;
}

function countMedia(value: JsonValue): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + countMedia(each), 0);
  if (!isJsonObject(value)) return 0;
  if (value.type === 'input_image') return pictureTokens;
  if (value.type === 'input_file') return documentTokens;
  return Object.values(value).reduce<number>((sum, each) => sum + countMedia(each), 0);
}

import { baseUrl } from '@aipassport/contracts';
import {
  builtInUpstreams,
  isUpstreamName,
  type UpstreamEntry,
  type UpstreamInterface,
} from '../catalogue/upstreams.js';
import { localUpstreams } from '../catalogue/vendors/local.js';
import { parseOperationId } from '../operations/dialect-operations.js';
import { dialectFacts, dialects } from '../operations/dialects.js';
import type { JsonObject } from './json.js';
import { refuse, requireList, requireObject } from './read-document.js';

const members = [
  'name',
  'like',
  'label',
  'base_url',
  'dialect',
  'root',
  'operations',
  'key_header',
  'key_prefixes',
  'price_list',
];

/** The proxy's own paths begin with these. */
const ownPaths = ['v1', 'health'];

/**
 * Reads the AI providers that an operator adds:
 * `[{ "name", "label", "base_url", "dialect", "operations": ["chat/completions", ...], "root"?, "key_header"?,
 * "key_prefixes"?, "price_list"? }]`. Such an entry has one dialect. `operations` need not name the list of models,
 * because the proxy itself answers requests for it.
 *
 * `"like"` names a built-in or local upstream. The entry then needs only `name` and `base_url`, and takes the other
 * members from that upstream, and also how it bills and how its provider keys are checked. An entry without `dialect`
 * takes all dialects of that upstream, with their paths, operations and headers.
 *
 * An entry with the name of a built-in upstream replaces that upstream. This is not possible for upstreams whose models
 * have names without the upstream.
 * @throws Malformed
 */
export function parseUpstreamEntries(value: unknown): readonly UpstreamEntry[] {
  const entries = requireList(value, 'upstreams').map(parseEntry);
  const fixed = builtInUpstreams.filter((entry: UpstreamEntry) => entry.hasBareNames).map(({ name }) => name);
  const taken = new Set<string>([...ownPaths, ...fixed]);
  entries.forEach(({ name }, index) => {
    if (taken.has(name)) refuse(`upstreams[${index}].name is taken`);
    taken.add(name);
  });
  return entries;
}

function parseEntry(value: unknown, index: number): UpstreamEntry {
  const where = `upstreams[${index}]`;
  const entry = requireObject(value, where, members);
  const like = entry.like === undefined ? undefined : requireOther(entry.like, where);
  const priceList = entry.price_list === undefined ? like?.priceList : requireText(entry, 'price_list', where, word);
  return {
    name: requireText(entry, 'name', where, isUpstreamName),
    label:
      entry.label === undefined && like !== undefined
        ? like.label
        : requireText(entry, 'label', where, (text) => /^[\p{L}\p{N}][\p{L}\p{N} .&'()-]{0,39}$/u.test(text)),
    baseUrl: parseBaseUrl(
      requireText(entry, 'base_url', where, () => true),
      where,
      like?.isInternal === true,
    ),
    interfaces: like !== undefined && entry.dialect === undefined ? like.interfaces : [parseInterface(entry, where)],
    keyPrefixes: requireList(entry.key_prefixes ?? like?.keyPrefixes, `${where}.key_prefixes`).map((prefix) =>
      typeof prefix === 'string' && /^[\w.-]{2,10}$/.test(prefix)
        ? prefix
        : refuse(`${where}.key_prefixes has one that is not 2 to 10 letters, digits, '_', '.' or '-'`),
    ),
    ...(priceList !== undefined && { priceList }),
    ...(like?.keyCheck !== undefined && { keyCheck: like.keyCheck }),
    ...(like?.isFree === true && { isFree: true }),
    billing: like?.billing ?? {},
  };
}

/** Finds the upstream that `like` names. */
function requireOther(name: unknown, where: string): UpstreamEntry {
  const known: readonly UpstreamEntry[] = [...builtInUpstreams, ...localUpstreams];
  const names = known.map((entry) => entry.name);
  return known.find((entry) => entry.name === name) ?? refuse(`${where}.like must be one of ${names.join(', ')}`);
}

function parseInterface(entry: JsonObject, where: string): UpstreamInterface {
  const dialect =
    dialects.find((one) => one === entry.dialect) ?? refuse(`${where}.dialect must be one of ${dialects.join(', ')}`);
  const root = entry.root === undefined ? undefined : requireText(entry, 'root', where, isRoot);
  const keyHeader = entry.key_header === undefined ? undefined : requireText(entry, 'key_header', where, word);
  const asked = requireList(entry.operations, `${where}.operations`).map(
    (name) =>
      parseOperationId(`${dialect}.${String(name)}`) ??
      refuse(`${where}.operations has ${String(name).slice(0, 60)}, which is not an operation of ${dialect}`),
  );
  if (asked.length === 0) refuse(`${where}.operations is missing`);
  const operations = [...new Set([...asked, `${dialect}.models.list`, `${dialect}.models.get`])];
  return {
    dialect,
    roots: [root ?? dialectFacts[dialect].root],
    keyHeader: keyHeader ?? dialectFacts[dialect].keyHeader,
    operations,
  } as UpstreamInterface; // the id of each operation begins with the dialect
}

function parseBaseUrl(text: string, where: string, internal: boolean): string {
  try {
    return baseUrl({ internal }).parse(text);
  } catch (error) {
    return refuse(`${where}.base_url ${error instanceof Error ? error.message : 'is not a URL'}`);
  }
}

/** Whether a text is empty or a path of plain segments, without dots and percent-encoding. */
function isRoot(text: string): boolean {
  return /^(\/[A-Za-z0-9][\w-]{0,31}){0,3}$/.test(text);
}

function word(text: string): boolean {
  return /^[a-z][a-z0-9-]{0,39}$/.test(text);
}

function requireText(entry: JsonObject, member: string, where: string, isValid: (text: string) => boolean): string {
  const value = entry[member];
  if (value === undefined) return refuse(`${where}.${member} is missing`);
  return typeof value === 'string' && isValid(value) ? value : refuse(`${where}.${member} is malformed`);
}

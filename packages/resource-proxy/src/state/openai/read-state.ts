import {
  isJsonObject,
  type JsonObject,
  type OperationId,
  totalInputTokens,
  totalOutputTokens,
} from '@aipassport/policy';
import type { StoredKind } from '@aipassport/store/proxying';
import { readResponseUsage } from '../../metering/openai/read-usage.js';
import { tryReading } from '../../metering/usage-reading.js';
import { isStateName } from '../state-facts.js';
import { type NamedObject, noStateChanges, type StateChanges, type StateReader } from '../stored-state.js';
import { readStoredResponse } from './read-stored-response.js';

const withResponse = new Set<unknown>(
  ['created', 'queued', 'in_progress', 'completed', 'incomplete', 'failed'].map((state) => `response.${state}`),
);
const withItem = new Set<unknown>(['response.output_item.added', 'response.output_item.done']);

/** The operations whose answers are a new object. */
const made: Partial<Readonly<Record<OperationId, StoredKind>>> = {
  'openai.conversations.create': 'conversation',
  'openai.files.create': 'file',
};

/**
 * Creates a reader of the stored objects that an answer names. It reads only members that the vendor sets, and ignores
 * values that a client chose, such as `metadata`.
 */
export function createStateReader(operationId: OperationId, parentId: string | undefined): StateReader {
  const isSeen = rememberNames();
  let responseId = parentId;
  const readResponse = (response: JsonObject): StateChanges => {
    const named = nameResponse(response);
    responseId = named[0]?.id ?? responseId;
    return { objects: named, response: readStoredResponse(response) };
  };
  const readAny = (value: JsonObject): StateChanges => {
    if (value.object === 'response') return readResponse(value);
    if (value.object === 'list') return nameItems(value.data, { kind: 'input_item', parentId });
    if (withResponse.has(value.type) && isJsonObject(value.response)) return readResponse(value.response);
    if (withItem.has(value.type)) return nameItems([value.item], { kind: 'output_item', parentId: responseId });
    const kind = made[operationId];
    if (kind === undefined || !isStateName(value.id)) return noStateChanges;
    return { objects: [{ id: value.id, kind }] };
  };
  return (value) => {
    const { objects, ...changes } = readAny(value);
    return { objects: objects.filter((object) => !isSeen(object)), ...changes };
  };
}

/** Remembers the names that were read, because most events repeat the names of an earlier event. */
function rememberNames(): (object: NamedObject) => boolean {
  const seen = new Set<string>();
  return ({ id, outputTokens }) => {
    const name = `${id} ${outputTokens ?? ''}`;
    if (seen.has(name)) return true;
    seen.add(name);
    return false;
  };
}

function nameResponse(response: JsonObject): readonly NamedObject[] {
  const { id, output } = response;
  if (!isStateName(id)) return [];
  const usage = tryReading(() => readResponseUsage(response));
  const counts = usage.trusted
    ? {
        tokens: totalInputTokens(usage.usage) + totalOutputTokens(usage.usage),
        outputTokens: totalOutputTokens(usage.usage),
      }
    : {};
  return [{ id, kind: 'response', ...counts }, ...nameItems(output, { kind: 'output_item', parentId: id }).objects];
}

function nameItems(items: unknown, { kind, parentId }: Pick<NamedObject, 'kind' | 'parentId'>): StateChanges {
  const ids = (Array.isArray(items) ? items : []).map((item: unknown) => (isJsonObject(item) ? item.id : undefined));
  return { objects: ids.filter(isStateName).map((id) => ({ id, kind, parentId })) };
}

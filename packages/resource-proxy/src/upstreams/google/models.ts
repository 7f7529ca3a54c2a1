import type { Capability, Model } from '@aipassport/policy';
import { Denied } from '../../denials/denial.js';
import type { ModelPage } from '../upstream-api.js';

const defaultPageSize = 50;
const maxPageSize = 1_000;

const methods: Readonly<Partial<Record<Capability, readonly string[]>>> = {
  chat: ['generateContent', 'streamGenerateContent', 'countTokens'],
  embeddings: ['embedContent', 'batchEmbedContents'],
};

/**
 * Returns one page of the list of models, in the format of `GET /v1beta/models`. The token of a page is the index of
 * its first model.
 */
export function listGoogleModels(models: readonly Model[], { query }: ModelPage): unknown {
  const size = readNumber(query.get('pageSize'), 'pageSize', defaultPageSize);
  const start = readNumber(query.get('pageToken'), 'pageToken', 0);
  const end = start + Math.min(size === 0 ? defaultPageSize : size, maxPageSize);
  return {
    models: models.slice(start, end).map(describeGoogleModel),
    ...(end < models.length && { nextPageToken: String(end) }),
  };
}

export function describeGoogleModel({ id, capabilities }: Model): unknown {
  return {
    name: `models/${id}`,
    displayName: id,
    supportedGenerationMethods: capabilities.flatMap((capability) => methods[capability] ?? []),
  };
}

function readNumber(text: string | undefined, field: string, absent: number): number {
  if (text === undefined || text === '') return absent;
  if (!/^\d{1,6}$/.test(text)) throw new Denied({ reason: 'field_invalid', field });
  return Number(text);
}

import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { addNames, discoverNames, listUnpriced, names, writeNames } from '../../src/catalogue/maintenance.js';
import { findModelLimits } from '../../src/money/model-limits.js';

const source = readFileSync(new URL('../../../src/catalogue/names.ts', import.meta.url), 'utf8');

it('the catalogue is current: it has every name of the installed price list that the proxy can serve, and each of its models has a price', () => {
  expect(discoverNames()).toEqual({ served: [], withoutLimits: [] });
  expect(listUnpriced(new Date())).toEqual([]);
});

it('new names are added to their groups or as versions of other names, and no name is removed', () => {
  const grown = addNames(names, [
    { upstream: 'openai', group: 'chat', id: 'gpt-7' },
    { upstream: 'openai', group: 'chat', id: 'gpt-7-2027-01-02', versionOf: 'gpt-7' },
    { upstream: 'openai', group: 'chat', id: 'gpt-4o-2027-01-02', versionOf: 'gpt-4o' },
    { upstream: 'anthropic', group: 'images', id: 'claude-brush-1' },
  ]);
  expect(grown.openai?.chat).toEqual({
    ...names.openai?.chat,
    'gpt-7': ['gpt-7-2027-01-02'],
    'gpt-4o': [...(names.openai?.chat?.['gpt-4o'] ?? []), 'gpt-4o-2027-01-02'],
  });
  expect(grown.anthropic).toEqual({ ...names.anthropic, images: { 'claude-brush-1': [] } });
  expect(grown.google).toEqual(names.google);
});

it('the new table of names replaces the old one in the source of names.ts, and the text before it stays', () => {
  const written = writeNames(source, addNames(names, [{ upstream: 'openai', group: 'chat', id: 'gpt-7' }]));
  expect(written.startsWith(source.slice(0, source.indexOf('= {')))).toBe(true);
  expect(JSON.parse(written.slice(written.indexOf('= {') + 2, -2))).toMatchObject({
    openai: { chat: { 'gpt-7': [] } },
  });
});

it('no limits are known for a model whose name only begins like the name of a known model', () => {
  expect(findModelLimits('openai', 'gpt-5-codex')).toBeDefined();
  for (const id of ['gpt-5.7', 'gpt-50', 'gpt-4omega', 'gpt-6.1-sol', 'o11'])
    expect([id, findModelLimits('openai', id)]).toEqual([id, undefined]);
  expect(findModelLimits('google', 'gemini-30-pro')).toBeUndefined();
});

import { expect, it } from '@jest/globals';
import { models, nameModel } from '../../src/index.js';

it.each([
  ['gpt-4o-mini', 'GPT-4o mini'],
  ['gpt-4.1', 'GPT-4.1'],
  ['gpt-image-1', 'gpt-image-1'],
  ['claude-haiku-4-5', 'Claude Haiku 4.5'],
  ['claude-sonnet-4-5-20250929', 'Claude Sonnet 4.5 20250929'],
  ['claude-3-5-haiku-latest', 'Claude 3.5 Haiku Latest'],
  ['gemini-2.5-flash', 'Gemini 2.5 Flash'],
  ['gpt-4o-2024-08-06', 'GPT-4o 2024-08-06'],
  ['o3-mini', 'o3-mini'],
  ['gpt', 'gpt'],
  ['claude', 'claude'],
])('%s is named %s', (id, name) => {
  expect(nameModel(id)).toBe(name);
});

it('no two models of an AI provider have the same name', () => {
  const names = models.map(({ upstream, id }) => `${upstream} ${nameModel(id)}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

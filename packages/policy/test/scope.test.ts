import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  allowsCapability,
  allowsModel,
  createModelCatalogue,
  formatScope,
  isUsable,
  listUselessScopeTokens,
  models,
  parseGrantedScope,
  parseScope,
  parseScopeToken,
} from '../src/index.js';

const catalogue = createModelCatalogue();

it('reads models, all models of a provider, and capabilities', () => {
  expect(parseScopeToken('model:gpt-4o', catalogue)).toEqual({
    kind: 'model',
    text: 'model:gpt-4o',
    upstream: 'openai',
    modelId: 'gpt-4o',
  });
  expect(parseScopeToken('model:anthropic/claude-sonnet-4-5', catalogue)).toMatchObject({
    upstream: 'anthropic',
    modelId: 'claude-sonnet-4-5',
  });
  expect(parseScopeToken('model:google/*', catalogue)).toEqual({
    kind: 'all-models',
    text: 'model:google/*',
    upstream: 'google',
  });
  expect(parseScopeToken('cap:tools.web', catalogue)).toEqual({
    kind: 'capability',
    text: 'cap:tools.web',
    capability: 'tools.web',
  });
});

// The ids at the beginning of titles are rows of docs/security.md.
it.each([
  'model:gpt-4*',
  'model:*',
  'model:openai/gpt-4*',
  'model:openai/',
  'model:',
  'cap:',
  'MODEL:gpt-4o',
  'Model:gpt-4o',
  'model:GPT-4o',
  'model:gpt-4o\u200b',
  'model:gpt-4o%20',
  'model:gpt%2D4o',
  'model:gpt-4o-2024',
  'model:gpt-4o-',
  'model: gpt-4o',
  'model:anthropic/gpt-4o',
  'model:nobody/gpt-4o',
  'model:openai/openai/gpt-4o',
  'cap:Chat',
  'cap:chat.',
  'cap:tools',
  'cap:tools.*',
  'cap:__proto__',
  'model:constructor',
])('3.4: does not recognise the scope token %j', (text) => {
  expect(parseScopeToken(text, catalogue)).toBeUndefined();
});

it('names the first unknown token of a scope, and separates the protocol tokens', () => {
  expect(parseScope('openid model:gpt-4o  cap:chat model:gpt-4o', catalogue)).toMatchObject({
    ok: true,
    scope: { protocolTokens: ['openid'], tokens: [{ text: 'model:gpt-4o' }, { text: 'cap:chat' }] },
  });
  expect(parseScope('model:gpt-4o cap:everything', catalogue)).toEqual({ ok: false, unknownToken: 'cap:everything' });
});

it('reads a granted scope even if its model or its AI provider is not served any more', () => {
  const [token] = parseGrantedScope('model:openai/gone cap:chat');
  expect(token).toEqual({ kind: 'model', text: 'model:openai/gone', upstream: 'openai', modelId: 'gone' });
  const [ofNone] = parseGrantedScope('model:nobody/gone');
  expect(ofNone).toMatchObject({ kind: 'model', upstream: 'nobody', modelId: 'gone' });
  expect(parseGrantedScope('model:openai/ model:go* model:openai/go* model:No-body/gone model:openai/a//b')).toEqual(
    [],
  );
});

it('shows a granted model that is no longer in the catalogue, and allows no request by it', () => {
  const granted = parseGrantedScope('model:gone cap:chat');
  expect(granted[0]).toEqual({ kind: 'gone', text: 'model:gone', modelId: 'gone' });
  expect(formatScope(granted)).toBe('model:gone cap:chat');
  for (const { name: upstream } of catalogue.upstreams.entries)
    expect(allowsModel(granted, { upstream, id: 'gone' })).toBe(false);
  expect(parseScopeToken('model:gone', catalogue)).toBeUndefined();
});

it('a usable scope has a model and a capability', () => {
  expect(isUsable(parseGrantedScope('model:gpt-4o cap:chat'))).toBe(true);
  expect(isUsable(parseGrantedScope('model:openai/* cap:images'))).toBe(true);
  expect(isUsable(parseGrantedScope('model:gpt-4o'))).toBe(false);
  expect(isUsable(parseGrantedScope('cap:chat'))).toBe(false);
  expect(isUsable(parseGrantedScope('model:gone cap:chat'))).toBe(false);
});

it('allows a model by its name or by its provider, and no other', () => {
  const granted = parseGrantedScope('model:gpt-4o model:anthropic/* cap:chat');
  expect(allowsModel(granted, { upstream: 'openai', id: 'gpt-4o' })).toBe(true);
  expect(allowsModel(granted, { upstream: 'openai', id: 'gpt-4o-mini' })).toBe(false);
  expect(allowsModel(granted, { upstream: 'google', id: 'gpt-4o' })).toBe(false);
  expect(allowsModel(granted, { upstream: 'anthropic', id: 'claude-haiku-4-5' })).toBe(true);
  expect(allowsCapability(granted, 'chat')).toBe(true);
  expect(allowsCapability(granted, 'images')).toBe(false);
});

describe('a name allows all models that it may refer to, and is allowed when all of them are granted', () => {
  it.each([
    ['model:gpt-4o', 'gpt-4o-2024-08-06', true],
    ['model:gpt-4o', 'gpt-4o-2024-05-13', false],
    ['model:gpt-4o', 'gpt-4o-audio-preview', false],
    ['model:gpt-4o-2024-08-06', 'gpt-4o', false],
    ['model:gpt-4o-2024-08-06 model:gpt-4o-2024-11-20', 'gpt-4o', true],
    ['model:gpt-4o-2024-08-06', 'gpt-4o-2024-11-20', false],
    ['model:gpt-5-2025-08-07', 'gpt-5', true],
    ['model:claude-3-7-sonnet-20250219', 'claude-3-7-sonnet-latest', true],
    ['model:gemini-flash-latest', 'gemini-3.5-flash', true],
    ['model:gemini-flash-latest', 'gemini-3.1-pro-preview', false],
    ['model:gemini-3.8-flash', 'gemini-flash-latest', false],
    ['model:gemini-embedding-001', 'text-embedding-004', true],
    ['model:openai/*', 'chatgpt-4o-latest', true],
    ['model:google/*', 'chatgpt-4o-latest', false],
  ])('%s, %s: %s', (scope, id, expected) => {
    const upstream = models.find((model) => model.id === id)?.upstream ?? 'openai';
    expect(allowsModel(parseGrantedScope(`${scope} cap:chat`), { upstream, id })).toBe(expected);
  });
});

it('a scope allows each model and capability that a part of it allows', () => {
  const tokens = fc.subarray(
    models.map(({ upstream, id }) => `model:${upstream}/${id}`).concat('cap:chat', 'cap:audio', 'model:google/*'),
  );
  fc.assert(
    fc.property(tokens, tokens, (a, b) => {
      const whole = parseGrantedScope([...a, ...b].join(' '));
      for (const token of parseGrantedScope(a.join(' '))) {
        if (token.kind === 'model')
          expect(allowsModel(whole, { upstream: token.upstream, id: token.modelId })).toBe(true);
        if (token.kind === 'capability') expect(allowsCapability(whole, token.capability)).toBe(true);
      }
      expect(parseGrantedScope(formatScope(whole))).toEqual(whole);
    }),
  );
});

it('serves each operation under one method and path, below the prefix of its upstream', () => {
  const { operations } = catalogue.upstreams;
  const keys = operations.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { path, upstream } of operations) expect(path.startsWith(`/${upstream}/`)).toBe(true);
});

it.each([
  ['model:gpt-4o-mini cap:chat cap:code cap:tools.web', ''],
  ['model:gpt-4o-mini cap:chat cap:images', 'cap:images'],
  ['model:gpt-4o-mini model:text-embedding-3-small cap:chat', 'model:text-embedding-3-small'],
  ['model:openai/* cap:chat cap:images cap:audio cap:embeddings', ''],
  ['model:anthropic/* cap:chat cap:embeddings', 'cap:embeddings'],
  ['model:gpt-4o-mini cap:code', 'model:gpt-4o-mini cap:code'],
  ['model:gpt-4o-mini cap:chat cap:files', ''],
  ['model:gpt-4o-mini cap:files', 'model:gpt-4o-mini cap:files'],
  ['model:gpt-image-1 cap:images cap:tools.web cap:code', 'cap:code'],
  ['model:gpt-4o-mini cap:embeddings', 'model:gpt-4o-mini cap:embeddings'],
])('of the scope %p, %p allows no request', (scope, useless) => {
  expect(formatScope(listUselessScopeTokens(parseGrantedScope(scope), catalogue))).toBe(useless);
});

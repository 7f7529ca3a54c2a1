import { expect, it } from '@jest/globals';
import { findCapability } from '../src/index.js';

it('finds the capability of an operation, also for an upstream whose name differs from that of its dialect', () => {
  expect(findCapability('openai.chat/completions')).toBe('chat');
  expect(findCapability('acme.openai.images/edits.json')).toBe('images');
  expect(findCapability('openai.models.list')).toBeUndefined();
  expect(findCapability('openai.dreams')).toBeUndefined();
  expect(findCapability('')).toBeUndefined();
});

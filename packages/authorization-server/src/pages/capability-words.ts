import { type Capability, findCapability } from '@aipassport/policy';
import type { FixedId } from '../texts/texts.js';

/** What an app can do with a model, in one or two words. */
export const capabilityWords: Readonly<Record<Capability, FixedId>> = {
  chat: 'connected.chat',
  embeddings: 'connected.embeddings',
  images: 'connected.images',
  audio: 'connected.audio',
  code: 'connected.code',
  files: 'connected.files',
  'tools.web': 'connected.web',
};

/** @returns undefined for an operation that this release does not know */
export function findOperationWords(operation: string): FixedId | undefined {
  const capability = findCapability(operation);
  return capability && capabilityWords[capability];
}

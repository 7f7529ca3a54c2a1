/**
 * The purposes for which a client may use a model. The scope token is `cap:` and the name. The value says which other
 * capability must be granted too. `nothing`: none, because models have operations for this purpose. `chat`: the
 * capability is of use only in a chat, so `cap:chat` is needed. `any`: any request can use the capability, so at least
 * one capability with `nothing` is needed.
 */
const needs = {
  chat: 'nothing',
  embeddings: 'nothing',
  images: 'nothing',
  audio: 'nothing',
  code: 'chat',
  // stored files are of use only in a chat
  files: 'chat',
  // any request can contain links that the model opens
  'tools.web': 'any',
} as const;

export type Capability = keyof typeof needs;
export const capabilities = Object.keys(needs) as readonly Capability[]; // a constant object has no other keys

/** What must be granted besides this capability: another capability, any other, or nothing. */
export function needOf(capability: Capability): (typeof needs)[Capability] {
  return needs[capability];
}

export function parseCapability(text: string): Capability | undefined {
  return capabilities.find((capability) => capability === text);
}

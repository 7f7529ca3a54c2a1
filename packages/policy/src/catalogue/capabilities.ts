/**
 * The purposes for which a client may use a model. The scope token is `cap:` and the name. The value says what else must
 * be granted. `nothing`: models have operations for this purpose. `chat`, `any`: it is a tool, which requests use in
 * addition to the capability of their operation, in a chat or in any request.
 */
const needs = {
  chat: 'nothing',
  embeddings: 'nothing',
  images: 'nothing',
  audio: 'nothing',
  code: 'chat',
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

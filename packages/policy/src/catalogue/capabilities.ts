/** The purposes for which a client may use a model. The scope token is `cap:` and the name. */
export const capabilities = ['chat', 'embeddings', 'images', 'audio', 'code', 'tools.web'] as const;
export type Capability = (typeof capabilities)[number];

export function parseCapability(text: string): Capability | undefined {
  return capabilities.find((capability) => capability === text);
}

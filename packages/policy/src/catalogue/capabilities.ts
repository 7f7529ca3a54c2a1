/** What an app may use a model for. The scope token is `cap:` and the name. */
export const capabilities = ['chat', 'embeddings', 'images', 'audio', 'code', 'tools.web'] as const;
export type Capability = (typeof capabilities)[number];

/** For owners. Each text completes the sentence "The app may ...". */
export const capabilityDescriptions: Readonly<Record<Capability, string>> = {
  chat: 'Send messages and receive answers',
  embeddings: 'Turn text into embeddings, for search and comparison',
  images: 'Generate images',
  audio: 'Generate speech and transcribe recordings',
  code: 'Let the model run code on the AI provider’s computers',
  'tools.web': 'Let the model search the web and open addresses that the app names',
};

export function parseCapability(text: string): Capability | undefined {
  return capabilities.find((capability) => capability === text);
}

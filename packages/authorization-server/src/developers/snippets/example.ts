/** The values that a client's example programs contain. */
export interface SnippetValues {
  readonly issuer: string;
  readonly resourceProxyUrl: string;
  readonly clientId: string;
  /** Whether the client sends a secret, which the programs read from the environment. */
  readonly hasSecret: boolean;
  /** Undefined: the program uses the device flow (RFC 8628). */
  readonly redirectUri: string | undefined;
}

/**
 * The scope that the programs and the playground request. With it, they may send `exampleBody` to `examplePath` of the
 * proxy.
 */
export const exampleScope = 'model:gpt-4o-mini cap:chat';
export const exampleBody = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello."}]}';
export const examplePath = '/openai/v1/chat/completions';

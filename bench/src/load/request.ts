import { model } from '../upstream/answers.js';

/** Where requests go, and the access tokens that they carry. */
export interface Target {
  readonly port: number;
  readonly path: string;
  /** SECRET. Requests use the tokens in turn. If a token is the empty text, its request has no credential. */
  readonly accessTokens: readonly string[];
}

const prompt =
  'Tell me, in about a hundred words, what a delegated access token is good for, and what it can do. '.repeat(2);

/** Builds the body of every request of the benchmark. */
export function buildBody(stream: boolean): string {
  const messages = [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: prompt },
  ];
  return JSON.stringify({ model, messages, max_tokens: 256, ...(stream ? { stream } : {}) });
}

/** Builds the bytes of each request, before anything is measured. */
export function buildRequests({ port, path, accessTokens }: Target, stream: boolean): readonly Buffer[] {
  const body = buildBody(stream);
  return accessTokens.map((accessToken) =>
    Buffer.from(
      [
        `POST ${path} HTTP/1.1`,
        `host: 127.0.0.1:${port}`,
        ...(accessToken === '' ? [] : [`authorization: Bearer ${accessToken}`]),
        'content-type: application/json',
        'accept: application/json',
        'user-agent: benchmark',
        `content-length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    ),
  );
}

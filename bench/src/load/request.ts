import { model } from '../upstream/answers.js';

/** Where requests go, and as whom. */
export interface Target {
  readonly port: number;
  readonly path: string;
  /** SECRET. Requests take them in turn; one that is empty stands for no credential. */
  readonly accessTokens: readonly string[];
}

const prompt =
  'Tell me, in about a hundred words, what a delegated access token is good for, and what it can do. '.repeat(2);

/** What every request of the benchmark asks. */
export function buildBody(stream: boolean): string {
  const messages = [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: prompt },
  ];
  return JSON.stringify({ model, messages, max_tokens: 256, ...(stream ? { stream } : {}) });
}

/** The bytes of each request, made before anything is measured. */
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

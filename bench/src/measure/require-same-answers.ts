import type { Contender } from '../contenders/contender.js';
import { buildBody, type Target } from '../load/request.js';

/**
 * Asks each contender once for each kind of answer.
 *
 * @throws when a contender does not answer as the upstream itself does, because its figures could not be compared
 */
export async function requireSameAnswers(direct: Contender, others: readonly Contender[]): Promise<void> {
  for (const stream of [false, true]) {
    const expected = await ask(direct.target, stream);
    for (const { name, target } of others) {
      const answer = await ask(target, stream);
      if (answer !== expected)
        throw new Error(`${name} does not answer as the upstream does:\n${answer}\ninstead of\n${expected}`);
    }
  }
}

async function ask({ port, path, accessTokens: [accessToken = ''] }: Target, stream: boolean): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken === '' ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    body: buildBody(stream),
  });
  return `${response.status} ${response.headers.get('content-type')} ${await response.text()}`;
}

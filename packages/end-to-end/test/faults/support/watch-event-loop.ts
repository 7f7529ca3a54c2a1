import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

/**
 * Sends requests without a token, one after the other, until `isOver` returns true. The server refuses them without
 * asking another process. The longest answer time shows for how long the event loop, and so every stream, was blocked.
 *
 * @returns milliseconds
 */
export async function watchEventLoop(url: string, isOver: () => boolean): Promise<number> {
  let longest = 0;
  while (!isOver()) {
    const startedAt = performance.now();
    const answer = await request(`${url}/openai/v1/chat/completions`, { method: 'POST', body: '{}' });
    await answer.body.dump();
    if (answer.statusCode !== 401) throw new Error(`a request without a token was answered with ${answer.statusCode}`);
    longest = Math.max(longest, performance.now() - startedAt);
    await sleep(20);
  }
  return longest;
}

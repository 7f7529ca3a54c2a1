import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

/**
 * Sends requests in a loop that a server refuses without asking another process. The longest answer time shows how
 * long its event loop was blocked, and with it all its streams.
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

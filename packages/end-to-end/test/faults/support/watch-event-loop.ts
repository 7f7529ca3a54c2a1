import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

/**
 * Asks a server, again and again, what it can answer without asking anyone: how long that takes at most is how long its
 * event loop has stood still, and with it every stream that it moves.
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

import type { IncomingMessage } from 'node:http';
import type { ProxyLimits } from '../limits.js';

/**
 * Calls `onTooSlow` once, when a body arrives more slowly than the minimum rate. A large body has to arrive faster,
 * because it takes memory. A period is not judged if, at its end, this server has paused reading.
 *
 * @returns a function that ends the watch
 */
export function watchBodyRate(request: IncomingMessage, limits: ProxyLimits, onTooSlow: () => void): () => void {
  const { bodyRateWindowMilliseconds } = limits;
  const firstBytes = request.socket.bytesRead;
  let seenBytes = firstBytes;
  let judging: NodeJS.Immediate | undefined;
  const stop = () => {
    clearInterval(timer);
    clearImmediate(judging);
  };
  const judge = () => {
    const bytes = request.socket.bytesRead;
    const isLarge = bytes - firstBytes > limits.uncheckedBodyBytes;
    const bytesPerSecond = isLarge ? limits.minLargeBodyBytesPerSecond : limits.minBodyBytesPerSecond;
    const expectedBytes = (bytesPerSecond * bodyRateWindowMilliseconds) / 1_000;
    const tooSlow = bytes - seenBytes < expectedBytes && !request.isPaused() && !request.complete;
    seenBytes = bytes;
    if (!tooSlow) return;
    stop();
    onTooSlow();
  };
  // The rate is judged only after sockets have been read. After this process was blocked, its timers run first, and the
  // bytes that arrived meanwhile are read after them.
  const timer = setInterval(() => {
    judging = setImmediate(judge);
  }, bodyRateWindowMilliseconds);
  return stop;
}

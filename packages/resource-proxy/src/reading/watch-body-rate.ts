import type { IncomingMessage } from 'node:http';
import type { ProxyLimits } from '../limits.js';

/**
 * Calls `onTooSlow` once when a body trickles in slower than a slow connection would bring it. Time in which we do
 * not read does not count.
 *
 * @returns what ends the watch
 */
export function watchBodyRate(request: IncomingMessage, limits: ProxyLimits, onTooSlow: () => void): () => void {
  const { bodyRateWindowMilliseconds, minBodyBytesPerSecond } = limits;
  const expectedBytes = (minBodyBytesPerSecond * bodyRateWindowMilliseconds) / 1_000;
  let seenBytes = request.socket.bytesRead;
  const timer = setInterval(() => {
    const bytes = request.socket.bytesRead;
    const tooSlow = bytes - seenBytes < expectedBytes && !request.isPaused() && !request.complete;
    seenBytes = bytes;
    if (!tooSlow) return;
    clearInterval(timer);
    onTooSlow();
  }, bodyRateWindowMilliseconds);
  return () => clearInterval(timer);
}

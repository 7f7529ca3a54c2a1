import type { EventEmitter } from 'node:events';
import type { Provider } from 'oidc-provider';

/**
 * Calls `listen` for each answer that cannot be sent, for instance because the client has left. Without a listener, koa
 * writes such an error to the console, and not as JSON.
 *
 * Assumption: oidc-provider emits the event error if an answer cannot be sent.
 */
export function onLostAnswer(provider: Provider, listen: (error: unknown) => void): void {
  const emitter: EventEmitter = provider;
  emitter.on('error', listen);
}

import type { OwnTime } from './read-profile.js';

/** V8's names for time that does not belong to any function, each with the name of its area. */
const ofEngine = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'native code outside of any function: the event loop and its system calls'],
  ['(idle)', 'idle'],
]);

/** The part of the program that a function belongs to. */
export function areaOf({ functionName, url }: OwnTime): string {
  const engine = ofEngine.get(functionName);
  if (engine !== undefined) return engine;
  const own = /\/packages\/([a-z-]+)\/dist\/src\/([a-z-]+)/.exec(url);
  if (own !== null) return own[1] === 'resource-proxy' ? `ours: ${own[2]}` : `ours: ${own[1]}`;
  const library = [...url.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].at(-1)?.[1];
  if (library !== undefined) return /^(pg|kysely)/.test(library) ? 'pg and kysely' : library;
  if (/^node:(_http|http|net|internal\/(http|streams|stream_base|net|js_stream))|^node:_|^node:stream/.test(url))
    return 'node: HTTP, sockets, streams';
  if (/^node:(internal\/(timers|process|async|promise|event)|events|timers)/.test(url))
    return 'node: timers, promises, events';
  return url === '' ? 'native' : 'node: other';
}

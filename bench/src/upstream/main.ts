import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../processes/listen.js';
import { serveCommands } from '../processes/serve-commands.js';
import { buildEvents, completion } from './answers.js';

/**
 * How streams are sent: all chunks as fast as they can be written, or the first chunk again and again until the command
 * `endStreams`.
 */
export type Pace = { readonly kind: 'burst' } | { readonly kind: 'endless'; readonly chunkMilliseconds: number };

/** The commands of the upstream: a plain node:http server in place of an AI provider. It does as little as possible. */
export type UpstreamCommands = typeof commands;

const withUsage = buildEvents(true);
const withoutUsage = buildEvents(false);
const jsonHeaders = { 'content-type': 'application/json', 'content-length': completion.length };
const streamHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

let pace: Pace = { kind: 'burst' };
const endings = new Set<() => void>();

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('latin1').on('data', (text: string) => (body += text));
  request.on('end', () => answer(body, request, response));
});
// Idle connections stay open between two rounds, so that a round does not measure the closing of connections.
server.keepAliveTimeout = 600_000;

function answer(body: string, request: IncomingMessage, response: ServerResponse): void {
  if (!body.includes('"stream":true')) {
    response.writeHead(200, jsonHeaders).end(completion);
    return;
  }
  response.on('error', () => undefined);
  response.writeHead(200, streamHeaders);
  const events = body.includes('"include_usage":true') ? withUsage : withoutUsage;
  if (pace.kind === 'burst') writeBurst(response, events, 0);
  else writeEndless(request, response, events, pace.chunkMilliseconds);
}

/**
 * Sends each chunk in a write and a packet of its own, as an AI provider sends tokens. One turn of the event loop sends
 * one chunk.
 */
function writeBurst(response: ServerResponse, events: readonly Buffer[], index: number): void {
  if (index === events.length) {
    response.end();
    return;
  }
  response.write(events[index]);
  setImmediate(writeBurst, response, events, index + 1);
}

function writeEndless(
  request: IncomingMessage,
  response: ServerResponse,
  events: readonly Buffer[],
  chunkMilliseconds: number,
): void {
  const [first] = events;
  response.write(first);
  const timer = setInterval(() => response.write(first), chunkMilliseconds);
  const end = () => {
    leave();
    writeBurst(response, events, 0);
  };
  const leave = () => {
    clearInterval(timer);
    endings.delete(end);
  };
  endings.add(end);
  request.socket.once('close', leave);
  response.once('finish', () => request.socket.off('close', leave));
}

const commands = {
  listen: () => listen(server),
  setPace: (newPace: Pace) => {
    pace = newPace;
  },
  /** The number of endless streams that are open. */
  countStreams: () => endings.size,
  /** Ends the endless streams as a complete answer ends. */
  endStreams: () => {
    for (const end of endings) end();
  },
};

serveCommands(commands);

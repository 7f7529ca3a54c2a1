import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getPriority, setPriority } from 'node:os';

/**
 * The AI provider of the experiment. It is a separate process with a low priority, so that it takes little CPU time
 * from the test and from the proxy. A request that contains `answer:` and a name of `answers` gets that answer. Any
 * other request gets an endless stream, or an empty answer if it does not ask for a stream.
 */
setPriority(Math.min(19, getPriority() + 10));

const line = Buffer.from(`data: {"choices":[{"delta":{"content":"${'x'.repeat(65_000)}`);
const block = Buffer.alloc(65_536, 'x');
const values = `[${Array(190_000).fill('{},1').join()}]`;

function sendMuch(response: ServerResponse, first: Buffer, type: string): void {
  response.writeHead(200, { 'content-type': type }).write(first);
  let sent = 0;
  const send = () => {
    while (!response.destroyed && sent < 60_000_000) {
      sent += block.length;
      if (!response.write(block)) return void response.once('drain', send);
    }
    response.end('"}}]}\n\ndata: [DONE]\n\n');
  };
  send();
}

const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  line: (response) => sendMuch(response, line, 'text/event-stream'),
  json: (response) => sendMuch(response, Buffer.from('{"choices":[{"message":{"content":"'), 'application/json'),
  values: (response) => {
    const all = Array.from({ length: 4 }, () => values.slice(0, 950_000).replace(/,?[^,]*$/, ']')).join();
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(`{"x":[${all}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`);
  },
  events: (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = `data: {"x":${values.slice(0, 900_000).replace(/,?[^,]*$/, ']')},"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\n`;
    for (let count = 0; count < 10; count++) response.write(event);
    response.end('data: [DONE]\n\n');
  },
  bytes: (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let count = 0; count < 200_000; count++) response.write('\n');
    response.end();
  },
};

function streamForEver(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = () => response.write('data: {"choices":[{"delta":{"content":"word "}}]}\n\n');
  send();
  const timer = setInterval(send, 10);
  response.on('close', () => clearInterval(timer));
}

const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  let head = '';
  request.on('data', (chunk: Buffer) => {
    if (head.length < 1_000) head += chunk.toString('latin1', 0, 1_000);
  });
  response.on('error', () => undefined);
  request.on('end', () => {
    const what = /answer:(\w+)/.exec(head)?.[1];
    if (what !== undefined) answers[what]?.(response);
    else if (head.includes('"stream":true')) streamForEver(response);
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}');
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit());

import { expect, it } from '@jest/globals';
import type { ChatEvent } from '../browser/chat-event.js';
import { readChatEvents } from '../browser/read-chat-events.js';

it('reads events whose lines and characters arrive in pieces', async () => {
  const events: ChatEvent[] = [
    { kind: 'text', text: 'Grüße \n 🙂' },
    { kind: 'limits', limits: [] },
  ];
  const bytes = new TextEncoder().encode(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const read: ChatEvent[] = [];
  for await (const event of readChatEvents(streamByteByByte(bytes))) read.push(event);
  expect(read).toEqual(events);
});

function streamByteByByte(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
}

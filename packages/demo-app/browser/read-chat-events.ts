import type { ChatEvent } from './chat-event.js';

/** Reads newline-delimited JSON while it arrives. A line is parsed when it is complete. */
export async function* readChatEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ChatEvent> {
  let unfinishedLine = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = (unfinishedLine + chunk).split('\n');
    unfinishedLine = lines.pop() ?? '';
    for (const line of lines) {
      yield JSON.parse(line) as ChatEvent; // our own server wrote it, over the same origin
    }
  }
}

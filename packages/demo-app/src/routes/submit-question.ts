import { Readable } from 'node:stream';
import type { Middleware } from 'koa';
import type { ChatEvent } from '../../browser/chat-event.js';
import { parseQuestion } from '../chat/read-question.js';
import { streamAnswer } from '../chat/stream-answer.js';
import type { DemoAppDependencies } from '../demo-app-dependencies.js';
import { explainRefusal } from '../refusal/explain-refusal.js';

/** POST /chat/answer: answers with newline-delimited JSON, one chat event on each line, as the text arrives. */
export function submitQuestion(deps: DemoAppDependencies): Middleware {
  return (ctx) => {
    const session = deps.sessions.find(ctx);
    ctx.set('Content-Type', 'application/x-ndjson');
    if (session?.connection === undefined) {
      ctx.body = formatEvent({
        kind: 'refusal',
        explanation: session?.notice ?? explainRefusal({ reason: 'access_ended' }, deps.issuer),
        accessEnded: true,
      });
      return;
    }
    const question = parseQuestion(ctx.request.body, session.connection.scope);
    if (!question.ok) {
      const explanation = { title: 'Not sent.', advice: question.problem };
      ctx.body = formatEvent({ kind: 'refusal', explanation, accessEnded: false });
      return;
    }
    session.modelId = question.model.id;
    session.stopAnswer();
    const reader = new AbortController();
    session.stopAnswer = () => reader.abort();
    ctx.res.on('close', session.stopAnswer);
    const events = streamAnswer(deps, session, session.connection, { ...question, signal: reader.signal });
    ctx.body = Readable.from(formatEvents(events), { objectMode: false });
  };
}

async function* formatEvents(events: AsyncIterable<ChatEvent>): AsyncGenerator<string> {
  for await (const event of events) yield formatEvent(event);
}

function formatEvent(event: ChatEvent): string {
  return `${JSON.stringify(event)}\n`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatEvent } from '../../browser/chat-event.js';
import { describeError } from '../log.js';
import type { ChatModel } from '../models.js';
import { callWithAccessToken } from '../oauth/call-with-access-token.js';
import type { Connection } from '../oauth/connection.js';
import { explainRefusal } from '../refusal/explain-refusal.js';
import { readRefusal } from '../refusal/read-refusal.js';
import type { Refusal } from '../refusal/refusal.js';
import { endConnection } from '../session/end-connection.js';
import type { Message, Session } from '../session/session.js';
import type { ChatDependencies } from './chat-dependencies.js';
import { findAccess } from './find-access.js';
import { openAnthropicAnswer } from './open-anthropic-answer.js';
import { openOpenAiAnswer } from './open-openai-answer.js';

export interface Question {
  readonly model: ChatModel;
  readonly text: string;
  /** Aborted when the reader has left. */
  readonly signal: AbortSignal;
}

/** At most this many earlier messages are sent with a question, so that requests do not grow without limit. */
const maxRememberedMessages = 20;

/** The cost of an answer is recorded a moment after its end. Until then, the whole reservation counts as used. */
const settlementMilliseconds = 100;

/** Yields one question's answer as it arrives, then the reason if it ended early, then the remaining limits. */
export async function* streamAnswer(
  deps: ChatDependencies,
  session: Session,
  connection: Connection,
  question: Question,
): AsyncGenerator<ChatEvent> {
  const asked: Message = { role: 'user', text: question.text };
  let answer = '';
  let refusal: Refusal | undefined;
  try {
    for await (const text of await openAnswer(deps, connection, [...session.conversation, asked], question)) {
      answer += text;
      yield { kind: 'text', text };
    }
  } catch (error) {
    if (question.signal.aborted) return; // the browser has left, so no error can be shown
    // Once there is text, the reason is not known: a stream that breaks off has no HTTP status.
    refusal = answer === '' ? readRefusal(error) : { reason: 'answer_broken_off' };
    const details = refusal.reason === 'unexpected' ? describeError(error) : {};
    deps.log('answer_refused', { reason: refusal.reason, model: question.model.id, ...details });
  } finally {
    if (answer !== '') {
      const reply: Message = { role: 'assistant', text: answer };
      session.conversation = [...session.conversation, asked, reply].slice(-maxRememberedMessages);
    }
  }

  if (refusal === undefined) await sleep(settlementMilliseconds);
  // A stream that was cut does not say why, so ask the proxy whether the access has ended.
  const access = refusal?.reason === 'access_ended' ? { state: 'ended' as const } : await findAccess(deps, connection);
  if (access.state === 'ended') refusal = { reason: 'access_ended' };
  if (refusal !== undefined) {
    const explanation = explainRefusal(refusal, deps.issuer);
    if (access.state === 'ended' && session.connection === connection) endConnection(session, explanation);
    yield { kind: 'refusal', explanation, accessEnded: access.state === 'ended' };
  }
  if (access.state === 'live') yield { kind: 'limits', limits: access.limits };
}

/** Resolves when the answer begins: neither the proxy nor the vendor has refused the request. */
async function openAnswer(
  deps: ChatDependencies,
  connection: Connection,
  messages: readonly Message[],
  { model, signal }: Question,
): Promise<AsyncIterable<string>> {
  const open = model.vendor === 'OpenAI' ? openOpenAiAnswer : openAnthropicAnswer;
  return callWithAccessToken(deps.client, connection, (accessToken) =>
    open({ resourceProxyUrl: deps.resourceProxyUrl, accessToken, modelId: model.id, messages, signal }),
  );
}

import { type ChatModel, listAllowedModels } from '../models.js';

export const maxQuestionLength = 4_000;

export type QuestionParse =
  | { readonly ok: true; readonly model: ChatModel; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/** Parses the request of the chat page: a model that the owner allowed, and a text. */
export function parseQuestion(body: unknown, scope: readonly string[]): QuestionParse {
  const { model: modelId, text } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const model = listAllowedModels(scope).find(({ id }) => id === modelId);
  if (model === undefined) return { ok: false, problem: 'Choose one of the models you allowed.' };
  if (typeof text !== 'string' || text.trim() === '') return { ok: false, problem: 'Write a question first.' };
  if (text.length > maxQuestionLength) {
    return {
      ok: false,
      problem: `Use ${maxQuestionLength.toLocaleString('en-US')} characters or fewer for a question.`,
    };
  }
  return { ok: true, model, text: text.trim() };
}

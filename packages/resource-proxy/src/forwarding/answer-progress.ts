import { type AnswerEvent, type AnswerState, type AnswerStep, findTransition } from './answer-states.js';

/** The present state of one answer. */
export class AnswerProgress {
  #state: AnswerState = 'waiting';

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Moves to the next state. @returns the step that the caller must take */
  advance(event: AnswerEvent): AnswerStep {
    const { step, next } = findTransition(this.#state, event);
    this.#state = next;
    return step;
  }
}

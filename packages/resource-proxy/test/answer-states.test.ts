import { describe, expect, it } from '@jest/globals';
import { type AnswerEvent, type AnswerState, findTransition } from '../src/forwarding/answer-states.js';

const states: readonly AnswerState[] = ['waiting', 'error', 'passing', 'ending', 'done'];

/** For each event, the step and the next state in each of `states`; `-` does nothing and keeps the state. */
const table: readonly (readonly [AnswerEvent, ...string[]])[] = [
  // event              waiting            error                 passing              ending              done
  ['answer_began', 'begin waiting', '-', '-', '-', '-'],
  ['headers_filtered', 'nothing passing', '-', '-', '-', '-'],
  ['error_began', 'keep_error error', '-', '-', '-', '-'],
  ['nonsense_began', 'refuse done', '-', '-', '-', '-'],
  ['chunk_came', '-', 'collect error', 'gather passing', '-', '-'],
  ['pieces_due', '-', '-', 'pass_on passing', '-', '-'],
  ['upstream_ended', '-', 'answer_error error', 'end_answer passing', '-', '-'],
  ['client_left', 'drain waiting', 'drain error', 'drain passing', '-', '-'],
  ['drain_ended', 'end_drain done', 'end_drain done', 'end_drain done', '-', '-'],
  ['last_byte_written', '-', 'nothing ending', 'nothing ending', '-', '-'],
  ['last_byte_taken', '-', '-', '-', 'finish done', '-'],
  ['upstream_failed', 'refuse done', 'refuse done', 'break_off done', '-', '-'],
  ['upload_failed', 'refuse done', 'refuse done', 'break_off done', '-', '-'],
  ['cut', 'refuse done', 'refuse done', 'break_off done', 'break_off done', '-'],
];

describe.each(table)('%s', (event, ...expected) => {
  it.each(states.map((state, index) => [state, expected[index] ?? ''] as const))('in %s: %s', (state, wanted) => {
    const { step, next } = findTransition(state, event);
    expect(`${step} ${next}`).toBe(wanted === '-' ? `nothing ${state}` : wanted);
  });
});

it('every answer ends once: each transition to `done` ends the answer, and `done` has no transition to another state', () => {
  const finishing = ['refuse', 'break_off', 'end_drain', 'finish'];
  for (const [event] of table)
    for (const state of states) {
      const { step, next } = findTransition(state, event);
      expect(finishing.includes(step)).toBe(state !== 'done' && next === 'done');
    }
});

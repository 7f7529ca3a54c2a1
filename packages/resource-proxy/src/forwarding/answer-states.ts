/** How far an answer has come. */
export type AnswerState =
  /** The upstream has not answered yet. */
  | 'waiting'
  /** The upstream answers with an error. It is read whole before anything of it is passed on. */
  | 'error'
  /** The answer is passed on as it comes. */
  | 'passing'
  /** The last byte is written, and the client has not taken it yet. */
  | 'ending'
  | 'done';

export type AnswerEvent =
  | 'answer_began'
  | 'error_began'
  /** The upstream sent something that no answer to this request can be, such as a redirect. */
  | 'nonsense_began'
  | 'chunk_came'
  | 'upstream_ended'
  /** The same, when the client has left and the answer was read on for its usage. */
  | 'drain_ended'
  | 'last_byte_written'
  | 'last_byte_taken'
  | 'upstream_failed'
  /** The client's own upload turned out to be unacceptable while it was being forwarded. */
  | 'upload_failed'
  /** A revocation, a time limit, a client that left or stopped reading, or the end of this server. */
  | 'cut';

/** What is done about an event. */
export type AnswerStep =
  | 'begin'
  | 'hold_error'
  | 'collect'
  | 'gather'
  | 'answer_error'
  | 'end_answer'
  | 'end_drain'
  | 'finish'
  /** Nothing was passed on yet, so the client gets an answer of ours. */
  | 'refuse'
  /** Something was passed on already, so the client sees an answer without an end. */
  | 'break_off'
  | 'nothing';

export interface AnswerTransition {
  readonly step: AnswerStep;
  readonly next: AnswerState;
}

const to = (step: AnswerStep, next: AnswerState): AnswerTransition => ({ step, next });
const refuse = to('refuse', 'done');
const breakOff = to('break_off', 'done');

/** An event does nothing in a state that its row does not name: it comes too late. */
const transitions: Readonly<Record<AnswerEvent, Partial<Record<AnswerState, AnswerTransition>>>> = {
  answer_began: { waiting: to('begin', 'passing') },
  error_began: { waiting: to('hold_error', 'error') },
  nonsense_began: { waiting: refuse },
  chunk_came: { error: to('collect', 'error'), passing: to('gather', 'passing') },
  upstream_ended: { error: to('answer_error', 'error'), passing: to('end_answer', 'passing') },
  drain_ended: {
    waiting: to('end_drain', 'done'),
    error: to('end_drain', 'done'),
    passing: to('end_drain', 'done'),
  },
  last_byte_written: { error: to('nothing', 'ending'), passing: to('nothing', 'ending') },
  last_byte_taken: { ending: to('finish', 'done') },
  upstream_failed: { waiting: refuse, error: refuse, passing: breakOff },
  upload_failed: { waiting: refuse, error: refuse, passing: breakOff },
  cut: { waiting: refuse, error: refuse, passing: breakOff, ending: breakOff },
};

/** @returns what the event leads to; in a state that it comes too late for, nothing and the same state */
export function findTransition(state: AnswerState, event: AnswerEvent): AnswerTransition {
  return transitions[event][state] ?? to('nothing', state);
}

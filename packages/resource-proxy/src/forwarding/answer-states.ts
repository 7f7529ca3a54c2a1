/** How far an answer has come. */
export type AnswerState =
  /** The upstream has not answered yet. */
  | 'waiting'
  /** The upstream answers with an error. It is read whole before any part of it is passed on. */
  | 'error'
  /** The answer is passed on as it arrives. */
  | 'passing'
  /** The last byte is written, but the operating system has not taken it yet. */
  | 'ending'
  | 'done';

export type AnswerEvent =
  | 'answer_began'
  /** The headers for the client are ready. A failure before this moment can still be answered with an error. */
  | 'headers_filtered'
  | 'error_began'
  /** The upstream sent something that cannot be an answer to this request, such as a redirect. */
  | 'nonsense_began'
  | 'chunk_came'
  /** The pieces that arrived together can be passed on together. */
  | 'pieces_due'
  | 'upstream_ended'
  /** The client has disconnected. If possible, the rest of the answer is read for its usage. Otherwise it is cut. */
  | 'client_left'
  /** The upstream's answer has ended. The client had left, so the rest was read only for its usage. */
  | 'drain_ended'
  | 'last_byte_written'
  | 'last_byte_taken'
  | 'upstream_failed'
  /** The client's upload turned out to be unacceptable while it was being forwarded. */
  | 'upload_failed'
  /** A revocation, a time limit, a client that left or stopped reading, or the shutdown of this server. */
  | 'cut';

/** The reaction to an event. */
export type AnswerStep =
  | 'begin'
  | 'keep_error'
  | 'collect'
  | 'gather'
  | 'pass_on'
  | 'answer_error'
  | 'end_answer'
  | 'drain'
  | 'end_drain'
  | 'finish'
  /** Nothing was passed on yet, so the client gets an error answer from this proxy. */
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

/** If an event's row does not name the state, the event is ignored: usually it came too late. */
const transitions: Readonly<Record<AnswerEvent, Partial<Record<AnswerState, AnswerTransition>>>> = {
  answer_began: { waiting: to('begin', 'waiting') },
  headers_filtered: { waiting: to('nothing', 'passing') },
  error_began: { waiting: to('keep_error', 'error') },
  nonsense_began: { waiting: refuse },
  chunk_came: { error: to('collect', 'error'), passing: to('gather', 'passing') },
  pieces_due: { passing: to('pass_on', 'passing') },
  upstream_ended: { error: to('answer_error', 'error'), passing: to('end_answer', 'passing') },
  client_left: {
    waiting: to('drain', 'waiting'),
    error: to('drain', 'error'),
    passing: to('drain', 'passing'),
  },
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

/** @returns the transition for an event; an event that the state does not expect does nothing and keeps the state */
export function findTransition(state: AnswerState, event: AnswerEvent): AnswerTransition {
  return transitions[event][state] ?? to('nothing', state);
}

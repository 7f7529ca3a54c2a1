/** Places in a request's life at which the process may die, and at which nothing that counts may be lost. */
export type Failpoint =
  /** It is asked for; whether that is committed is not known yet. */
  | 'before_admission_commit'
  /** It is committed, and nothing has been sent upstream. */
  | 'after_admission'
  /** The client has a part of the answer. */
  | 'mid_stream'
  /** The client has all of the answer, and the books have nothing of it. */
  | 'before_settle';

/** Told that a request has come to such a place. The program that operators run has none: only tests put one in. */
export type OnFailpoint = (failpoint: Failpoint) => void;

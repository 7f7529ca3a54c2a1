/** Points in a request's life at which tests kill the process. No charge may be lost at any of them. */
export type Failpoint =
  /** The admission was sent to the database. It is not yet known whether it committed. */
  | 'before_admission_commit'
  /** The admission has committed, and nothing has been sent upstream. */
  | 'after_admission'
  /** A part of the answer has been written to the client's connection. */
  | 'mid_stream'
  /** The exchange with the upstream has ended, usually with a whole answer, and the settlement has not been written. */
  | 'before_settle';

/** Called when a request reaches a failpoint. Only tests pass such a function. */
export type OnFailpoint = (failpoint: Failpoint) => void;

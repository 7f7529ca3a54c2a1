/** One result of `doctor`. */
export interface Finding {
  readonly ok: boolean;
  /** Nothing is known to be wrong, but the operator should look at it. */
  readonly isWarning?: boolean;
  readonly text: string;
}

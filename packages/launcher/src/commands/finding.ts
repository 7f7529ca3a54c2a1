/** One result of `doctor`. */
export interface Finding {
  readonly ok: boolean;
  readonly text: string;
}

/** One thing that `doctor` looked at. */
export interface Finding {
  readonly ok: boolean;
  readonly text: string;
}

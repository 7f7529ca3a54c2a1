/** The result of a mode, for the terminal and for docs/performance.md. */
export interface Report {
  /** Markdown. */
  readonly section: string;
  readonly picture?: string;
}

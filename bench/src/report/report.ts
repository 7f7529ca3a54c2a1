/** The result of one mode of the benchmark, for the terminal and for docs/performance.md. */
export interface Report {
  /** Markdown. */
  readonly section: string;
  /** SVG. */
  readonly picture?: string;
}

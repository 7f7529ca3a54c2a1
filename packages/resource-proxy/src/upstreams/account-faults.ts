/**
 * How a vendor reports problems that affect every request: of the account, of the provider key, or of this server's IP
 * address.
 */
export interface AccountProblems {
  /**
   * The beginnings of texts, each with the error code that this proxy notes in place of the vendor's own one. Some
   * vendors send these texts with a code that also has other causes, such as a wrong request or a rate limit. The words
   * count only at the beginning, because the vendor may repeat a client's text elsewhere in the error.
   */
  readonly texts: readonly { readonly beginning: RegExp; readonly code: NotedCode }[];
  /** The vendor's error codes. */
  readonly codes: ReadonlySet<string>;
}

const notedCodes = ['out_of_credit', 'organization_disabled', 'key_leaked'] as const;
type NotedCode = (typeof notedCodes)[number];
const noted: ReadonlySet<string> = new Set(notedCodes);

/**
 * Returns a code in place of the vendor's own one, if the text says that the account or the provider key has a problem.
 */
export function readAccountProblem({ texts }: AccountProblems, text: unknown): NotedCode | undefined {
  return typeof text === 'string' ? texts.find(({ beginning }) => beginning.test(text))?.code : undefined;
}

/**
 * Whether only the owner of the provider key can solve the problem: 401 is about the provider key, and 402 about the
 * credit of its account. A 403 with another code is about the model or the feature that the client has chosen: other
 * requests with the same provider key are served. A rate limit passes by itself.
 */
export function isFaultOfAccount({ codes }: AccountProblems, status: number, code: string | undefined): boolean {
  return status === 401 || status === 402 || (code !== undefined && (noted.has(code) || codes.has(code)));
}

import { AccessError, LimitReachedError, type ReachedLimit, ScopeMissingError } from './access-error.js';

export interface RefusalContext {
  readonly issuer: string;
  /** Why the access has ended, if it has. */
  readonly end: AccessError;
}

/** The parts of a refusal, from a Response or from an error of an SDK. */
interface Refused {
  readonly status: number;
  readonly text: string;
  readonly challenge: string;
}

/** The proxy has one code for four budgets, and says in its message which one it is. */
function readLimit(code: string | undefined, text: string): ReachedLimit | undefined {
  if (code === 'request_limit_reached') return 'requests';
  if (code === 'operator_budget_exhausted') return 'operator_budget';
  if (code !== 'budget_exhausted') return undefined;
  if (text.includes('budget for all apps')) return 'account_budget';
  if (text.includes('this month’s budget')) return 'month_budget';
  return text.includes('today’s budget') ? 'day_budget' : 'budget';
}

/** The codes of docs/client-guide.md, as the formats of the SDKs have them, some in capitals. */
const codePattern = /\b(invalid_token|insufficient_scope|request_limit_reached|(?:operator_)?budget_exhausted)\b/i;

/**
 * Reads why the proxy refused a request.
 *
 * @param refusal a Response, or the error of an SDK. SDKs wrap what their `fetch` throws, so causes are looked at, too
 */
export async function readRefusal(refusal: unknown, context: RefusalContext): Promise<AccessError | undefined> {
  if (refusal instanceof AccessError) return refusal;
  const refused = refusal instanceof Response ? await readResponse(refusal) : readError(refusal);
  if (refused === undefined) {
    const cause = refusal instanceof Error ? refusal.cause : undefined;
    return cause === undefined ? undefined : readRefusal(cause, context);
  }
  return describe(refused, refusal, context);
}

function describe({ status, text, challenge }: Refused, cause: unknown, context: RefusalContext) {
  const code = codePattern.exec(text)?.[1]?.toLowerCase();
  if (status === 401 && code === 'invalid_token') return context.end;
  if (status === 403 && code === 'insufficient_scope') {
    const scope = /scope="([^"]+)"/.exec(challenge)?.[1] ?? /scope: ((?:(?:model|cap):[^\s"\\]+ ?)+)/.exec(text)?.[1];
    return new ScopeMissingError(scope?.trim(), { cause });
  }
  const limit = status === 402 ? readLimit(code, text) : undefined;
  return limit && new LimitReachedError(limit, findPage(text, context.issuer), { cause });
}

async function readResponse(response: Response): Promise<Refused> {
  const { status, headers } = response;
  const text = response.ok || response.bodyUsed ? '' : await response.clone().text();
  return { status, text, challenge: headers.get('www-authenticate') ?? '' };
}

/** The errors of the SDKs have the status, and the body of the answer in one of the other members. */
function readError(error: unknown): Refused | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const { status, message } = error;
  const body = 'error' in error ? JSON.stringify(error.error) : '';
  const headers = 'headers' in error ? error.headers : undefined;
  const challenge = headers instanceof Headers ? headers.get('www-authenticate') : null;
  return { status, text: `${body} ${message}`, challenge: challenge ?? '' };
}

/** The first URL whose origin is the issuer's: another one may come from elsewhere and must not become a link. */
function findPage(text: string, issuer: string): string | undefined {
  const { origin } = new URL(issuer);
  return text.match(/https?:\/\/[^\s"\\]+/g)?.find((url) => URL.parse(url)?.origin === origin);
}

import { AccessError, LimitReachedError, type ReachedLimit, ScopeMissingError } from './access-error.js';

export interface RefusalContext {
  readonly issuer: string;
  /** The error to return when the proxy refused the token. It says why the access has ended. */
  readonly end: AccessError;
}

/** The parts of a refusal, from a Response or from an error of an SDK. */
interface Refused {
  readonly status: number;
  readonly text: string;
  readonly challenge: string;
  /** The header `aipassport-limit`. */
  readonly limit: string | null;
}

/** The limits of a 402, as the proxy names them. */
const reachedLimits: ReadonlyMap<string, ReachedLimit> = new Map([
  ['max_requests', 'requests'],
  ['max_cost_usd', 'budget'],
  ['max_cost_usd_per_day', 'day_budget'],
  ['max_cost_usd_per_month', 'month_budget'],
  ['account', 'account_budget'],
  ['operator', 'operator_budget'],
]);

/**
 * The limit is in a header, and in the body. The errors of some SDKs have no headers. Their message contains the body,
 * sometimes as a string within JSON.
 */
function readLimit({ limit, text }: Refused): ReachedLimit | undefined {
  return reachedLimits.get(limit ?? /\\?"limit\\?":\s*\\?"(\w+)/.exec(text)?.[1] ?? '');
}

/** Two of the error codes in docs/client-guide.md. The errors of some SDKs have them in capitals. */
const codePattern = /\b(invalid_token|insufficient_scope)\b/i;

/**
 * Reads why the proxy refused a request.
 *
 * @param refusal a Response, or the error of an SDK. SDKs wrap the errors of their `fetch`, so causes are read too
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

function describe(refused: Refused, cause: unknown, context: RefusalContext) {
  const { status, text, challenge } = refused;
  const code = codePattern.exec(text)?.[1]?.toLowerCase();
  if (status === 401 && code === 'invalid_token') return context.end;
  if (status === 403 && code === 'insufficient_scope') {
    const scope = /scope="([^"]+)"/.exec(challenge)?.[1] ?? /scope: ((?:(?:model|cap):[^\s"\\]+ ?)+)/.exec(text)?.[1];
    return new ScopeMissingError(scope?.trim(), { cause });
  }
  const limit = status === 402 ? readLimit(refused) : undefined;
  return limit && new LimitReachedError(limit, findPage(text, context.issuer), { cause });
}

async function readResponse(response: Response): Promise<Refused> {
  const { status, headers } = response;
  const text = response.ok || response.bodyUsed ? '' : await response.clone().text();
  return { status, text, challenge: headers.get('www-authenticate') ?? '', limit: headers.get('aipassport-limit') };
}

/** An error of an SDK has the status in `status`, and the body of the answer in `error` or in `message`. */
function readError(error: unknown): Refused | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const { status, message } = error;
  const body = 'error' in error ? JSON.stringify(error.error) : '';
  const headers = 'headers' in error ? error.headers : undefined;
  const read = (name: string) => (headers instanceof Headers ? headers.get(name) : null);
  const challenge = read('www-authenticate') ?? '';
  return { status, text: `${body} ${message}`, challenge, limit: read('aipassport-limit') };
}

/** The first URL of the issuer's origin. A URL of another origin may be an attacker's, and must not become a link. */
function findPage(text: string, issuer: string): string | undefined {
  const { origin } = new URL(issuer);
  return text.match(/https?:\/\/[^\s"\\]+/g)?.find((url) => URL.parse(url)?.origin === origin);
}

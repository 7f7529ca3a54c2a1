import type { Context, Middleware } from '../context.js';
import { Denied } from '../denials/denial.js';
import { replayBody } from '../oidc/engine/replay-body.js';
import { readBody } from '../read-body.js';
import { malformedText } from '../text/malformed-text.js';
import { decodePercent, decodeText, type Parameter, parseParameters } from '../text/parse-parameters.js';
import { requireTextInJson } from '../text/require-text-in-json.js';

/** Parameters whose value is JSON (RFC 9396, OpenID Connect). */
const jsonParameters: readonly string[] = ['authorization_details', 'claims'];

/**
 * Checks all text of a request before any other code reads it. Path, query, forms and JSON must be text that can be
 * stored and compared; otherwise the request is refused with 400. Headers need no check here. The HTTP parser rejects
 * NUL. Cookies and tokens are only hashed. oidc-provider decodes client credentials just as strictly.
 *
 * The bytes of the body are overwritten after the answer, because they may contain a password.
 */
export const requireText: Middleware = async (ctx, next) => {
  const [path = '', query] = splitTarget(ctx.req.url ?? '');
  decodeText(decodePercent(Buffer.from(path, 'latin1')));
  ctx.state.query = parseParameters(Buffer.from(query ?? '', 'latin1'));
  requireTextInParameters(ctx.state.query);
  const body = await readTextBody(ctx);
  try {
    await next();
  } finally {
    for (const bytes of [body, ...(ctx.state.form ?? []).map(({ value }) => value)]) bytes?.fill(0);
  }
};

/** A URL is ASCII (RFC 3986), so other bytes are an error. */
function splitTarget(target: string): readonly string[] {
  if (!/^[\x21-\x7e]*$/.test(target)) throw malformedText();
  const mark = target.indexOf('?');
  return mark === -1 ? [target] : [target.slice(0, mark), target.slice(mark + 1)];
}

/**
 * @returns the body's bytes, which the next middleware can read again; undefined for a body that this server does not
 * read
 */
async function readTextBody(ctx: Context): Promise<Buffer | undefined> {
  const type =
    ['POST', 'PATCH'].includes(ctx.method) && ctx.is('application/x-www-form-urlencoded', 'application/json');
  if (typeof type !== 'string') return undefined;
  // With another character set, later code would decode the same bytes to a text that was not checked here.
  if (!/^(utf-?8)?$/i.test(ctx.request.charset)) throw malformedText();
  const body = await readBody(ctx);
  try {
    if (type === 'application/json') requireTextInJson(decodeText(body));
    else {
      ctx.state.form = parseParameters(body);
      requireTextInParameters(ctx.state.form);
    }
  } catch (error) {
    body.fill(0);
    throw error;
  }
  replayBody(ctx.req, body);
  return body;
}

function requireTextInParameters(parameters: readonly Parameter[]): void {
  if (parameters.length > 1_000) throw new Denied({ reason: 'too_many_parameters' });
  for (const { name, value } of parameters) if (jsonParameters.includes(name)) requireTextInJson(value.toString());
}

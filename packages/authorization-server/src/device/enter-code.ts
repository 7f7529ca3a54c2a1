import { findOwner } from '../account/owner-session.js';
import { devicePath, signInPath } from '../account/return-to.js';
import { queryText, seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { renderDevicePage } from '../pages/device-page.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, findInvalidFields, readForm } from '../read-form.js';
import { message } from '../texts/texts.js';
import { findDeviceRequest } from './find-device-request.js';
import { forgetGuess, requireGuess } from './guessing-limits.js';
import { formatUserCode, parseUserCode, signUserCode, userCodeField } from './user-codes.js';

const purpose = 'device';

/**
 * `GET /device`: the form for the code that a terminal shows (RFC 8628 section 3.3). A code in the URL is filled
 * in, but the owner still has to send the form.
 */
export async function showDevice(deps: Dependencies, ctx: Context): Promise<void> {
  const userCode = parseUserCode(queryText(ctx, userCodeField));
  const owner = await findOwner(deps, ctx);
  if (owner === undefined) return seeOther(ctx, signInPath(devicePath(userCode)));
  render(deps, ctx, { email: owner.email, typed: userCode === undefined ? '' : formatUserCode(userCode) });
}

/** `POST /device`. Leads to the consent page, where the owner decides. */
export async function submitDevice(deps: Dependencies, ctx: Context): Promise<void> {
  const form = readForm(ctx);
  const owner = await findOwner(deps, ctx);
  const typed = fieldText(form, userCodeField);
  const userCode = parseUserCode(typed);
  if (owner === undefined) return seeOther(ctx, signInPath(devicePath(userCode)));
  requireFormToken(deps, ctx, form, purpose);
  const { accountId, email } = owner;
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    render(deps, ctx, { email, typed, problem });
  };
  if (findInvalidFields(deps.forms.device, form).length > 0 || userCode === undefined) return refuse(malformed);
  const guesser = { accountId, ipAddress: ctx.ip };
  await requireGuess(deps.db, guesser);
  if ((await findDeviceRequest(deps, owner, userCode)) === undefined) return refuse(unknown);
  await forgetGuess(deps.db, guesser);
  seeOther(ctx, formatPath(paths.deviceRequest, signUserCode(deps.configuration, accountId, userCode)));
}

interface View {
  readonly email: string;
  readonly typed: string;
  readonly problem?: Problem;
}

function render(deps: Dependencies, ctx: Context, { email, typed, problem }: View): void {
  ctx.type = 'html';
  ctx.body = renderDevicePage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    csrfToken: issueFormToken(deps, ctx, purpose),
    email,
    typed,
    problems: problem === undefined ? [] : [problem],
  });
}

const malformed: Problem = {
  field: userCodeField,
  message: message('device.malformed'),
};
/** The same text for a code that is unknown, expired, or used by another owner. */
const unknown: Problem = {
  field: userCodeField,
  message: message('device.unknown'),
};

import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderKeptFormPage } from '../pages/kept-form-page.js';
import { describeKeptForm } from './describe-kept-form.js';
import { findKeptSubject } from './find-kept-subject.js';
import { findKeptForm, keptField } from './kept-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { homePath } from './return-to.js';
import { seeOther } from './sign-in.js';

/** `GET /account/continue`: shows in words what the kept form does, with a button that sends it. */
export async function showKeptForm(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.continue);
  if (owner === undefined) return;
  const kept = await findKeptForm(deps, ctx, owner);
  if (kept === undefined) return seeOther(ctx, homePath);
  const { purpose, id, ...form } = kept;
  const { texts } = ctx.state;
  const isOfOperator = form.action.startsWith(`${paths.operator}/`);
  ctx.type = 'html';
  ctx.body = renderKeptFormPage({
    ...form,
    fields: [...form.fields, [keptField, id]],
    stylesheet: deps.stylesheet,
    texts,
    subject: await findKeptSubject(deps, { owner, form, texts }),
    entries: describeKeptForm(deps, form, texts),
    signedIn: describeSignedIn(deps, ctx, owner, isOfOperator ? 'operator' : 'account'),
    csrfToken: issueFormToken(deps, ctx, purpose),
  });
}

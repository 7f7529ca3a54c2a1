import { describeSignedIn } from '../account/require-owner.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderKeptFormPage } from '../pages/kept-form-page.js';
import { findKeptForm, keptField } from './kept-form.js';
import { requireOperator } from './require-operator.js';

/** `GET /operator/continue`: shows the kept form after the sign-in, with a button that sends it. */
export async function showKeptForm(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx, paths.operatorContinue);
  if (operator === undefined) return;
  const kept = await findKeptForm(deps, operator);
  if (kept === undefined) return seeOther(ctx, paths.operator);
  const { purpose, id, ...form } = kept;
  const fields = id === undefined ? form.fields : [...form.fields, [keptField, id] as const];
  ctx.type = 'html';
  ctx.body = renderKeptFormPage({
    ...form,
    fields,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    csrfToken: issueFormToken(deps, ctx, purpose),
  });
}

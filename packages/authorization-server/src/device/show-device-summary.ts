import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { answerSummary } from '../interaction/show-consent-summary.js';
import { consentPurpose } from '../interaction/shown-request.js';
import { trimLimitTexts } from '../limits/limit-texts.js';
import { requireFormToken } from '../middleware/form-token.js';
import { readForm } from '../read-form.js';
import { requireEnteredCode } from './require-entered-code.js';

/** `POST /device/:code/summary`: what the form of a terminal's request would allow. Nothing is decided. */
export async function showDeviceSummary(deps: Dependencies, ctx: Context, segment: string): Promise<void> {
  const form = trimLimitTexts(readForm(ctx));
  const entered = await requireEnteredCode(deps, ctx, segment);
  if (entered === undefined) return;
  const { owner, device } = entered;
  requireFormToken(deps, ctx, form, consentPurpose(device.consent));
  await answerSummary(deps, ctx, { consent: device.consent, owner, form });
}

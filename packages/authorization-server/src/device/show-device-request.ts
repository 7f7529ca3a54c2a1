import { findClient, identifyClient } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { describeClient } from '../describe-client.js';
import { formatPath, paths } from '../endpoints.js';
import { showConsent } from '../interaction/show-consent.js';
import { renderDeviceAnsweredPage } from '../pages/device-answered-page.js';
import { requireEnteredCode } from './require-entered-code.js';

/**
 * `GET /device/:code`: the consent page of a terminal's request. Once the owner has decided, the page says what they
 * decided and that they can go back to the terminal.
 */
export async function showDeviceRequest(deps: Dependencies, ctx: Context, segment: string): Promise<void> {
  const entered = await requireEnteredCode(deps, ctx, segment);
  if (entered === undefined) return;
  const { owner, device } = entered;
  if (device.decision === undefined) return showConsent(deps, ctx, { consent: device.consent, owner });
  const { texts } = ctx.state;
  const client = await findClient(deps.db, device.consent.clientId);
  ctx.type = 'html';
  ctx.body = renderDeviceAnsweredPage({
    stylesheet: deps.stylesheet,
    texts,
    app: client === undefined ? texts('consent.theApp') : describeClient(identifyClient(client), texts),
    grantPage: device.grantId === undefined ? undefined : formatPath(paths.grant, device.grantId),
  });
}

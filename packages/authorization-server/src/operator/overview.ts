import { release } from '@aipassport/store';
import { listRunningProxies, readInstanceFacts } from '@aipassport/store/authorization';
import { describeSignedIn } from '../account/require-owner.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { renderOperatorPage } from '../pages/operator-page.js';
import { describeSettings } from './describe-settings.js';
import { requireOperator } from './require-operator.js';

/** `GET /operator`: the health of this server, and its settings. */
export async function showOperatorOverview(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx);
  if (operator === undefined) return;
  const { configuration } = deps;
  ctx.type = 'html';
  ctx.body = renderOperatorPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    report: await deps.readiness.read(),
    facts: await readInstanceFacts(deps.db),
    release: String(release),
    nodeVersion: process.version,
    signingKeyIds: configuration.signingKeys.map(({ kid }) => kid),
    settings: describeSettings(configuration),
    proxies: await listRunningProxies(deps.db),
  });
}

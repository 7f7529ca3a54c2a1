import { findOwner } from '../account/owner-session.js';
import { describeSignedIn } from '../account/require-owner.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { renderDevelopersPage } from '../pages/developers-page.js';
import { renderReferencePage } from '../pages/reference-page.js';
import { specificationNames as names } from './developer-documents.js';

/** A browser may keep a document for five minutes: documents change only with a new release. */
const cacheControl = 'public, max-age=300';

/** `GET /developers` */
export async function showDevelopers(deps: Dependencies, ctx: Context): Promise<void> {
  const {
    issuer,
    resourceProxyUrl,
    developerClients: offersClients,
    playground: offersPlayground,
  } = deps.configuration;
  const owner = await findOwner(deps, ctx);
  ctx.type = 'html';
  ctx.body = renderDevelopersPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: owner && describeSignedIn(deps, ctx, owner, 'settings'),
    issuer,
    resourceProxyUrl,
    offersClients,
    offersPlayground,
  });
}

/** `GET /docs`: redirects to the reference of the authorization server. */
export function showReferences(_deps: Dependencies, ctx: Context): void {
  seeOther(ctx, formatPath(paths.reference, names[0]));
}

/** `GET /docs/:name` */
export async function showReference(deps: Dependencies, ctx: Context, name: string): Promise<void> {
  const reference = deps.documents.references.find((one) => one.name === name);
  if (reference === undefined) return;
  const owner = await findOwner(deps, ctx);
  ctx.type = 'html';
  ctx.body = renderReferencePage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: owner && describeSignedIn(deps, ctx, owner, 'settings'),
    reference,
    names,
  });
}

/** `GET /openapi.yaml`: the URL at which tools look for a specification. */
export function showSpecification(_deps: Dependencies, ctx: Context): void {
  seeOther(ctx, formatPath(paths.specificationFile, `${names[0]}.yaml`));
}

/** `GET /openapi/:file` */
export function showSpecificationFile({ documents }: Dependencies, ctx: Context, name: string): void {
  const file = documents.files.get(name);
  if (file === undefined) return;
  ctx.type = file.mediaType;
  ctx.set('Cache-Control', cacheControl);
  ctx.body = file.text;
}

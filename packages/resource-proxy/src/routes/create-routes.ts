import type { ServerResponse } from 'node:http';
import { grantPath } from '@aipassport/contracts';
import Koa from 'koa';
import { authenticateRequest } from '../authenticate-request.js';
import { allowRegisteredOrigin } from '../cors/allow-origin.js';
import { buildFailure } from '../denials/build-failure.js';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import { closeExchange, type Exchange, openExchange } from '../exchange.js';
import type { ExchangeResult } from '../exchange-result.js';
import { recordExchange } from '../record-exchange.js';
import { requireWellFormed } from '../steps/require-well-formed.js';
import { findDescribedResource } from './metadata-url.js';
import { showGrant } from './show-grant.js';
import { showMetadata } from './show-metadata.js';

/** @returns the body of the answer */
type Route = (deps: ProxyDependencies, exchange: Exchange) => unknown;

/** Creates the routes of the proxy's own paths, which are not forwarded. All of them accept only `GET` and `HEAD`. */
export function createRoutes(deps: ProxyDependencies, basePaths: ReadonlySet<string>): Koa {
  const app = new Koa();
  app.use(async (ctx) => {
    const exchange = openExchange(deps, ctx.req, ctx.res);
    let ending: ExchangeResult = { reason: 'answered' };
    // Koa writes the answer after this function has returned. Only then is the status of the answer known.
    ctx.res.once('close', () => recordExchange(deps, exchange, ending));
    try {
      if (deps.isStopping()) throw new Denied({ reason: 'stopping' });
      requireWellFormed(ctx.req);
      const route = findRoute(deps, basePaths, ctx.path);
      if (route === undefined) throw new Denied({ reason: 'path_unknown' });
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD')
        throw new Denied({ reason: 'method_not_allowed', allow: 'GET' });
      ctx.body = await exchange.span.run(() => route(deps, exchange));
    } catch (error) {
      await allowRegisteredOrigin(deps, exchange).catch(() => undefined);
      const failure = buildFailure(deps, exchange, error);
      ending = failure.ending;
      ctx.status = failure.status;
      ctx.set(failure.headers);
      ctx.body = failure.body;
    } finally {
      closeExchange(exchange);
    }
  });
  app.on('error', (error: unknown) => deps.log.error({ event: 'unexpected_error', err: error }));
  return app;
}

function findRoute(deps: ProxyDependencies, basePaths: ReadonlySet<string>, path: string): Route | undefined {
  if (path === grantPath) return answerGrant;
  const resource = basePaths.has(path) ? deps.resource : findDescribedResource(deps.resource, path);
  return resource === undefined ? undefined : (_deps, { response }) => answerMetadata(deps, response, resource);
}

/**
 * Every origin may read the metadata, because it contains no personal data, and a client reads it before the client is
 * registered.
 */
function answerMetadata(deps: ProxyDependencies, response: ServerResponse, resource: string): unknown {
  response.setHeader('access-control-allow-origin', '*');
  return showMetadata(deps, resource);
}

async function answerGrant(deps: ProxyDependencies, exchange: Exchange): Promise<unknown> {
  const { request } = exchange;
  if (request.url?.includes('?') === true) throw new Denied({ reason: 'query_not_allowed' });
  const claims = await authenticateRequest(deps, exchange);
  return showGrant(deps, exchange, claims);
}

const wellKnown = '/.well-known/oauth-protected-resource';
/** A path as operations have them: nothing to decode, nothing to resolve. */
const plainPath = /^(\/[\w.:-]+)+$/;

/**
 * Where clients find the metadata of a resource (RFC 9728 section 3.1): the well-known path goes before its own.
 *
 * @param below the path of the resource below the proxy's, such as `/openai/v1`
 */
export function buildMetadataUrl(resource: string, below = ''): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${wellKnown}${pathname === '/' ? '' : pathname}${below}`;
}

/** What is called by this target: the path without its query; empty for what can be no resource of its own. */
export function readResourcePath(target: string): string {
  const [path = ''] = target.split('?', 1);
  return plainPath.test(path) && !/\/\.{1,2}(\/|$)/.test(path) ? path : '';
}

/**
 * The resource whose metadata is at a path: the proxy, or what is called below it. The document names exactly that, or
 * clients must not use it (RFC 9728 section 3.3).
 *
 * @returns undefined when there is no metadata at this path
 */
export function findDescribedResource(resource: string, path: string): string | undefined {
  if (path === wellKnown) return resource;
  const base = new URL(buildMetadataUrl(resource)).pathname;
  if (path !== base && !path.startsWith(`${base}/`)) return undefined;
  const below = path.slice(base.length);
  return readResourcePath(below) === below ? `${resource}${below}` : undefined;
}

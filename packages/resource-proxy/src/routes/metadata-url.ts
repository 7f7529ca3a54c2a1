const wellKnown = '/.well-known/oauth-protected-resource';
/** Matches paths that contain nothing to decode, such as the paths of operations. */
const plainPath = /^(\/[\w.:-]+)+$/;

/**
 * Returns the URL of the metadata of a resource (RFC 9728 section 3.1): the well-known path is inserted before the
 * resource's own path.
 *
 * @param below the resource's path below the path of the proxy, such as `/acme/v1`
 */
export function buildMetadataUrl(resource: string, below = ''): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${wellKnown}${pathname === '/' ? '' : pathname}${below}`;
}

/** Returns the path of a request target without its query; empty when the path cannot be a resource of its own. */
export function readResourcePath(target: string): string {
  const [path = ''] = target.split('?', 1);
  return plainPath.test(path) && !/\/\.{1,2}(\/|$)/.test(path) ? path : '';
}

/**
 * Returns the resource whose metadata is at a path: the proxy, or a path under it. The metadata must name exactly that
 * resource, or clients must not use the metadata (RFC 9728 section 3.3).
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

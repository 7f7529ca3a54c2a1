const wellKnown = '/.well-known/oauth-protected-resource';

/** Where clients find the metadata of a resource (RFC 9728 section 3.1): the well-known path goes before its own. */
export function buildMetadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${wellKnown}${pathname === '/' ? '' : pathname}`;
}

/** The paths at which the metadata document is served. */
export function listMetadataPaths(resource: string): readonly string[] {
  return [...new Set([wellKnown, new URL(buildMetadataUrl(resource)).pathname])];
}

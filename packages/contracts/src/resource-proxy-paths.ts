import type { paths } from './resource-proxy.generated.js';

/** The path at which the resource proxy describes the grant of a token, its limits and its usage. */
export const grantPath = '/v1/grant' satisfies keyof paths;

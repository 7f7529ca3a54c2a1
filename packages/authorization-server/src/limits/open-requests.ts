import type { Grant, OpenRequests } from '@aipassport/store/authorization';

/** The requests in progress under a grant and the grants below it. */
export function countOpenRequests({ id }: Pick<Grant, 'id'>, open: readonly OpenRequests[]): number {
  return listOpenOfTree(id, open).reduce((sum, { requests }) => sum + requests, 0);
}

/** The identifier of a grant begins with the identifier of the grant above it and a dot. */
export function listOpenOfTree(id: string, open: readonly OpenRequests[]): readonly OpenRequests[] {
  return open.filter(({ grantId }) => grantId === id || grantId.startsWith(`${id}.`));
}

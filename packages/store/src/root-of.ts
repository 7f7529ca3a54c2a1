/**
 * The grant at the top of a grant's tree, which is the grant itself if it has no parent. The database has the same
 * function.
 */
export function rootOf(grantId: string): string {
  const end = grantId.indexOf('.');
  return end === -1 ? grantId : grantId.slice(0, end);
}
